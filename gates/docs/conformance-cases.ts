/** A test: the file it is in, and its title as it is written there. */
export interface Proof {
  readonly file: string;
  readonly title: string;
}

/** A number, what is special about the case, what comes of it, and the tests that say so. */
export type Case = readonly [number: number, what: string, result: string, ...proofs: Proof[]];

/** Where the cases of the decision are, each with its number. */
export const DECISION_ROWS = 'packages/dispatching/src/testing/rows.fixture.ts';
/** Runs all of `DECISION_ROWS`. */
export const DECIDED: Proof = { file: 'packages/dispatching/src/decide/decide-run.spec.ts', title: 'row %i: %s' };

const inFile =
  (file: string) =>
  (title: string): Proof => ({ file, title });
const decision = inFile(DECIDED.file);
const early = inFile('packages/dispatching/src/file/refuse-before-parsing.spec.ts');
const planned = inFile('services/planner/src/runs.int.spec.ts');
const arrived = inFile('services/ingress/src/github-webhooks.int.spec.ts');
const called = inFile('services/dispatcher/src/dispatches.int.spec.ts');
const channel = inFile('services/dispatcher/src/application/dispatch/dispatch-channel.spec.ts');
const product = inFile('e2e/github.e2e.spec.ts');

const FILES = planned('rows 3 and 4: files that are absent or invalid');
const INSTALLATIONS = planned('rows 22 and 23: the installation is looked up, and must be usable');
const OWNERS = planned('rows 25 and 44: targets of other owners, by their own installation');
const REPEATS = planned('rows 46 and 47: one decision for a run attempt, another one for the next attempt');
const CHAINS = planned('rows 48 and 49: no circle, no endless chain; each run’s end is told to what started it');
const FOUND = [
  called('are found when the answer was lost, whatever way (55)'),
  channel('whose answer was lost is found, and never called again (55)'),
];
const NOT_FOUND = [
  called('are never called again when no run is found (56)'),
  channel('whose run is nowhere ends when the window is over, after several looks (56)'),
];
const LIMITED = [
  called('wait for as long as GitHub asks, alone through their installation (57)'),
  channel('waits for GitHub’s limits without using up attempts, and its lane with it (57)'),
];

/**
 * The decision matrix. S (`acme/my-source-repo`) and T (`acme/my-target-repo`) consent to each other, and a run of `ci.yml` in S ended well after a push to
 * `main`; each case changes something about that.
 */
export const MATRIX: readonly Case[] = [
  [
    1,
    'nothing',
    'allowed on main, without inputs',
    DECIDED,
    planned('row 1: allows what both sides agreed on, and plans the call; an event without an endpoint goes nowhere else'),
    product('starts what consents and denies what does not, told to %s, and says so on the commit and in both regions'),
  ],
  [2, 'T lets nobody in', '`inbound_not_authorized`', DECIDED],
  [3, 'the file of T is missing; is invalid', '`target_config_missing`; `target_config_invalid`', DECIDED, FILES],
  [4, 'the file of S is missing; is invalid', '`source_config_missing`; `source_config_invalid`', DECIDED, FILES],
  [5, 'S has its file in `.github/` alone', 'allowed', DECIDED],
  [6, 'S has both files, and the root one lacks the rule', '`no_matching_outbound`, with a warning `config_shadowed`', DECIDED],
  [7, 'the workflow file has nearly the name of the rule, or is none', '`no_matching_outbound`', DECIDED],
  [8, 'a template is broken in every target', '`inputs_template_invalid` for each, all of them told', DECIDED],
  [9, 'the path of the run ends with `@ref`', 'allowed', DECIDED],
  [10, 'the run failed; has no conclusion; did not start', '`source_conclusion_not_allowed`', DECIDED],
  [11, 'the run failed, and S alone lists that', '`inbound_condition_not_met`', DECIDED],
  [12, 'the run failed, and both list that', 'allowed', DECIDED],
  [13, 'another branch', '`source_branch_not_allowed`', DECIDED],
  [14, '`release/1`, and S alone lists `release/*`', '`inbound_condition_not_met`', DECIDED],
  [15, '`release/1`, and both list `release/*`', 'allowed on main', DECIDED],
  [16, '`release/1/x` with `release/*`', '`source_branch_not_allowed`', DECIDED],
  [17, 'the head is in a fork', '`source_from_fork`', DECIDED],
  [18, 'the head is nowhere any more', '`source_head_unverifiable`', DECIDED],
  [19, 'an event that outsiders can cause', '`source_event_not_allowed`', DECIDED],
  [20, 'event `workflow_run`, and both list it', 'allowed', DECIDED],
  [
    21,
    'a webhook of anything but a completed workflow run',
    '`ignored_event`',
    arrived('is counted and ignored'),
    decision('is told by the webhook: another event is no run, and any action is handed on'),
  ],
  [22, 'the webhook names no installation, but there is one', 'allowed', DECIDED, INSTALLATIONS],
  [23, 'the installation of S is suspended', '`source_installation_unusable`', DECIDED, INSTALLATIONS],
  [24, 'S is of `beta`, and T names it without owner', '`inbound_not_authorized`', DECIDED],
  [25, 'S is of `beta`, and T names it with its owner', 'allowed, by the installation of T', DECIDED, OWNERS],
  [26, 'as before, but the operator does not allow `beta`', '`source_owner_not_allowed`', DECIDED],
  [27, 'T writes S in another case', 'allowed', DECIDED],
  [28, 'T lets `acme/*` in', 'allowed', DECIDED],
  [
    29,
    'an owner is a wildcard, or an outbound target is one',
    'the file is invalid: `target_config_invalid`; `source_config_invalid`',
    DECIDED,
  ],
  [30, 'the target is what just ran', '`self_dispatch`', DECIDED],
  [31, 'the target is another workflow of S', 'allowed', DECIDED],
  [32, 'the same target twice', 'allowed once, then `duplicate_target`', DECIDED],
  [33, 'the same target twice with different inputs', 'allowed twice', DECIDED],
  [34, 'one target more than `MAX_TARGETS_PER_RUN`', 'the last is `max_targets_exceeded`', DECIDED],
  [35, '`enabled: false`', '`target_disabled`, and GitHub is not asked', DECIDED, decision('is nothing about %s')],
  [36, 'inputs, or one of them, that T does not accept', '`inputs_not_accepted`', DECIDED],
  [37, 'two inbound rules, and the second accepts the inputs', 'allowed', DECIDED],
  [
    38,
    'an unknown template, an expression, an empty value, a control character',
    '`inputs_template_invalid` for that target alone',
    DECIDED,
  ],
  [39, 'an input too long; one too many for the server', '`inputs_limit_exceeded`', DECIDED],
  [40, 'a ref that T does not list', '`ref_not_accepted`', DECIDED],
  [41, 'a ref that T lists', 'allowed on that ref', DECIDED],
  [42, 'a ref that is a commit, or that Git does not take', '`ref_invalid`', DECIDED],
  [43, 'the default branch of T is `master`', 'allowed on `master`, or on `DEFAULT_DISPATCH_REF` when set', DECIDED],
  [44, 'T is not installed; archived; renamed', '`target_not_installed`; `target_unavailable`; `target_moved`', DECIDED, OWNERS],
  [45, '`TARGET_REPO_ALLOWLIST` lacks T', '`target_repo_not_allowed`, and its file is not read', DECIDED, decision('is nothing about %s')],
  [46, 'another webhook of the same attempt', '`duplicate_run_attempt`', DECIDED, REPEATS],
  [47, 'the second attempt of the run', 'allowed: another fact', DECIDED, REPEATS],
  [48, 'the run was started by us from T', '`cycle_detected`', DECIDED, CHAINS],
  [49, 'the fourth link of a chain', '`chain_depth_exceeded`', DECIDED, CHAINS, planned('row 49: the fourth link of a chain')],
  [
    50,
    'started by our App, and a minute later nobody knows for what',
    '`chain_unverifiable`',
    DECIDED,
    planned('row 50: waits for the word of what our own App started, a minute after its end at most'),
  ],
  [
    51,
    'the 31st in ten minutes on one edge; a pause',
    '`edge_rate_exceeded`; `operator_paused`',
    DECIDED,
    planned('row 51: too many on one edge; a pause'),
    product('is held back by a pause of either region until that ends'),
  ],
  [
    52,
    'a key misspelt or written twice, an alias, a tag, a complex key, too long, too deep',
    'the file is invalid, told within 50 ms',
    DECIDED,
    early('64 KiB of %s are told of quickly'),
    early('the bomb takes no time'),
  ],
  [53, 'a key `x-…`, an empty `outbound:`, a byte order mark, CRLF', 'valid', DECIDED],
  [
    54,
    'three targets, and GitHub knows no such ref of the second',
    'the others start, the second ends as `ref_not_found`',
    called('fail one by one, and at once where GitHub says why (54, 58)'),
  ],
  [55, 'the call answers 502, though the run was started', '`outcome_unknown`, then started; one call', ...FOUND],
  [56, 'the connection breaks, and no run is found', '`outcome_unknown`, then `github_unavailable`; one call', ...NOT_FOUND],
  [57, 'GitHub asks to wait for 90 s', 'started once, late; no failure is counted', ...LIMITED],
  [
    58,
    'the App lacks the permission',
    '`permission_missing`, without another try',
    called('fail one by one, and at once where GitHub says why (54, 58)'),
    channel('that GitHub will not take ends at once: %o'),
  ],
  [
    59,
    'T takes its consent back between plan and call',
    'denied, when the decision is older than a minute',
    called('ask the target again when the decision is old (59)'),
    channel('is asked about again when it was decided a while ago (59)'),
  ],
];

/** What the predecessor did wrong, and what Waybill does instead. */
export const REGRESSIONS: readonly Case[] = [
  [
    1,
    'a delivery counted as known before it was verified and stored',
    'one that could not be stored is taken when it comes again; a forged one takes no id away',
    arrived('a delivery that could not be stored is stored when it comes again, once'),
    arrived('a forged delivery takes no id away'),
    product('follows no forged webhook, and one that comes again is the same event'),
  ],
  [
    2,
    'a burst from one address was refused',
    '1,000 deliveries at once are all taken',
    arrived('takes a thousand deliveries from one address at once'),
  ],
  [
    3,
    '`CREATE_ISSUES=false` was true',
    '`false`, `0`, `no` and `off` are false in any case',
    inFile('packages/github/src/config/github-environment.spec.ts')('takes %s for false'),
  ],
  [
    4,
    'the ref of a target was lost on its way',
    'ref and inputs arrive in the call through every fact',
    product('has the ref and the inputs of its rule, through every fact up to the call'),
    decision('4: the ref of a target reaches the call'),
  ],
  [
    5,
    'the ref was the branch of the source',
    'it is the default branch of the target',
    decision('5: the ref of the source is not that of the target'),
  ],
  [6, 'a repository without owner meant any owner', 'it means the own owner; see 24 to 28', DECIDED],
  [7, 'a call was given up after a moment, whatever GitHub asked for', 'it is made once, after 90 s', ...LIMITED],
  [
    8,
    'what was denied had no reason',
    'each decision is a fact with reasons',
    decision('8: what is denied has a reason, at the source as at the target'),
    planned('gives every run that came in its decision, with a reason for each thing that is not done'),
  ],
  [9, 'A starts B starts A starts …', 'a circle ends; see 48 to 50', decision('9: a circle over another repository ends'), CHAINS],
  [
    10,
    'denied targets were dropped when nothing was allowed; `@ref` was not taken off',
    'all targets are told, and `@ref` is taken off; see 8 and 9',
    DECIDED,
    decision('10: denied targets are told though nothing was allowed'),
  ],
  [
    11,
    'everybody could read everything, and each read scanned tables',
    'without the admin key: 401; no read aggregates',
    product('%s tells nobody without the admin key'),
    inFile('services/projector/src/adapters/queries/no-aggregates.spec.ts')(
      'finds none of the forbidden words in any source of the projector',
    ),
  ],
  [12, 'a call without a clear answer was repeated', 'never; see 55 and 56', ...FOUND, ...NOT_FOUND],
];
