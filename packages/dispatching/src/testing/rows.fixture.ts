import type { Chain } from '@waybill/contracts';
import { FROM_S, inbound, outbound, SOURCE_ID, TARGET_ID, TO_T, type World } from './world.fixture.ts';

/** One case of github.md 3.6: its number, what is changed, the change, and what comes of it as `tell` says it. */
export type Row = readonly [row: number, what: string, change: (world: World) => void, result: string];

const fromT = (depth: number, ancestors: readonly string[]): { readonly kind: 'link'; readonly chain: Chain } => ({
  kind: 'link',
  chain: { id: 'chain-0', depth, ancestors: [...ancestors] },
});
const setting =
  (change: Partial<World['run']>) =>
  (world: World): void => {
    Object.assign(world.run, change);
  };
const files =
  (out: string, into?: string, change?: Partial<World['run']>) =>
  (world: World): void => {
    world.out = out;
    if (into !== undefined) world.in = into;
    Object.assign(world.run, change);
  };
const both =
  (condition: string, change: Partial<World['run']>, listed: 'both' | 'outbound' = 'both') =>
  (world: World): void => {
    world.out = outbound(TO_T, `workflow: ci.yml, ${condition}`);
    if (listed === 'both') world.in = inbound(`${FROM_S}, ${condition}`);
    Object.assign(world.run, change);
  };
const withInputs = (inputs: string, accepted: string, more = ''): ((world: World) => void) =>
  files(outbound(`${TO_T}, inputs: { ${inputs} }${more}`), inbound(FROM_S, `workflow: cd.yml, accept_inputs: [${accepted}]`));
const withRef = (ref: string, refs = ''): ((world: World) => void) =>
  files(outbound(`${TO_T}, ref: ${ref}`), inbound(FROM_S, `workflow: cd.yml${refs}`));
const targets = (...given: readonly string[]): string =>
  `outbound:\n  - source: { workflow: ci.yml }\n    targets:\n${given.map((target) => `      - { ${target} }\n`).join('')}`;
const nested = (depth: number): string => `x-deep: ${'['.repeat(depth - 1)}${']'.repeat(depth - 1)}\n${inbound(FROM_S)}`;
const fromBeta =
  (source: string) =>
  (world: World): void => {
    world.moveSource('beta');
    world.out = outbound('repository: acme/my-target-repo, workflow: cd.yml');
    world.in = inbound(`repository: ${source}, workflow: ci.yml`);
  };
const toSelf =
  (workflow: string) =>
  (world: World): void => {
    world.out = `${outbound(`repository: my-source-repo, workflow: ${workflow}`)}${inbound(FROM_S, `workflow: ${workflow}`)}`;
  };
const invalid = (row: number, what: string, text: string): readonly Row[] => [
  [row, `${what}, in T`, (world) => (world.in = text), 'target_config_invalid'],
  [row, `${what}, in S`, (world) => (world.out = text), 'skip source_config_invalid'],
];

export const SOURCE_ROWS: readonly Row[] = [
  [1, 'nothing', () => undefined, 'allow main'],
  [4, 'S has no file', (world) => (world.source.files = {}), 'skip source_config_missing'],
  [4, 'the file of S is invalid', (world) => (world.out = 'outbound: 5'), 'skip source_config_invalid'],
  [5, 'S has it in .github/ only', (world) => (world.source.files = { '.github/dispatching.yml': outbound(TO_T) }), 'allow main'],
  [
    6,
    'S has both, the root one without the rule',
    (world) => (world.source.files = { 'dispatching.yml': 'outbound:\n', '.github/dispatching.yml': outbound(TO_T) }),
    'skip no_matching_outbound + config_shadowed',
  ],
  ...['.github/workflows/my-ci.yml', '.github/workflows/CI.yml', '.github/workflows/ci.yaml', 'dynamic/pages/ci.yml'].map((path): Row => [
    7,
    `the run is of ${path}`,
    setting({ path }),
    'skip no_matching_outbound',
  ]),
  [9, 'the path ends with @ref', setting({ path: '.github/workflows/ci.yml@refs/heads/main' }), 'allow main'],
  ...['failure', null, 'startup_failure'].map((conclusion): Row => [
    10,
    `conclusion ${conclusion}`,
    setting({ conclusion }),
    'skip source_conclusion_not_allowed',
  ]),
  [12, 'failure, both list it', both('conclusions: [failure]', { conclusion: 'failure' }), 'allow main'],
  [13, 'branch feature/x', setting({ headBranch: 'feature/x' }), 'skip source_branch_not_allowed'],
  [13, 'no branch', setting({ headBranch: null }), 'skip source_branch_not_allowed'],
  [15, 'release/1, both list it', both('branches: ["release/*"]', { headBranch: 'release/1' }), 'allow main'],
  [16, 'release/1/x with release/*', both('branches: ["release/*"]', { headBranch: 'release/1/x' }), 'skip source_branch_not_allowed'],
  [16, 'release/1/x with release/**', both('branches: ["release/**"]', { headBranch: 'release/1/x' }), 'allow main'],
  [17, 'the head is a fork', setting({ headRepository: { id: '6', fullName: 'mallory/my-source-repo' } }), 'skip source_from_fork'],
  [18, 'no head repository', setting({ headRepository: null }), 'skip source_head_unverifiable'],
  ...[
    'issue_comment',
    'pull_request_target',
    'workflow_run',
    'pull_request_review_comment',
    'discussion_comment',
    'fork',
    'watch',
    'gollum',
  ].map((event): Row => [19, `event ${event}`, setting({ event }), 'skip source_event_not_allowed']),
  [20, 'workflow_run, both list it', both('events: [workflow_run]', { event: 'workflow_run' }), 'allow main'],
  [
    20,
    'workflow_run, outbound alone lists it',
    both('events: [workflow_run]', { event: 'workflow_run' }, 'outbound'),
    'inbound_condition_not_met',
  ],
  [22, 'no installation in the payload', setting({ installationId: undefined }), 'allow main'],
  [23, 'the installation is suspended', (world) => (world.source.lookup = 'suspended'), 'skip source_installation_unusable'],
  [23, 'the App is not in S', (world) => (world.source.lookup = 'not_installed'), 'skip source_installation_unusable'],
  [23, 'S has moved', (world) => (world.source.lookup = 'moved'), 'skip source_installation_unusable'],
  [23, 'another repository has the name of S', (world) => (world.source.facts.id = '6'), 'skip source_installation_unusable'],
  [
    46,
    'the same run and attempt again',
    (world) => (world.repeated = `github.com/${SOURCE_ID}/${world.run.id}/1`),
    'skip duplicate_run_attempt',
  ],
  [
    47,
    'the second attempt',
    (world) => {
      world.repeated = `github.com/${SOURCE_ID}/${world.run.id}/1`;
      world.run.attempt = 2;
    },
    'allow main',
  ],
  [50, 'our own, its ancestor not known yet', (world) => (world.chain = { kind: 'not_yet', delayMs: 5_000 }), 'later 5000'],
  [50, 'our own, its ancestor unknown', (world) => (world.chain = { kind: 'unverifiable' }), 'skip chain_unverifiable'],
];

export const CONSENT_ROWS: readonly Row[] = [
  [2, 'T lets nobody in', (world) => (world.in = 'inbound:\n'), 'inbound_not_authorized'],
  [3, 'T has no file', (world) => (world.target.files = {}), 'target_config_missing'],
  [3, 'the file of T is invalid', (world) => (world.in = 'inbound: 5'), 'target_config_invalid'],
  [11, 'failure, inbound silent', both('conclusions: [failure]', { conclusion: 'failure' }, 'outbound'), 'inbound_condition_not_met'],
  [14, 'release/1, inbound silent', both('branches: ["release/*"]', { headBranch: 'release/1' }, 'outbound'), 'inbound_condition_not_met'],
  [24, 'S of beta, T names it without owner', fromBeta('my-source-repo'), 'inbound_not_authorized'],
  [25, 'S of beta, T names it with its owner', fromBeta('beta/my-source-repo'), 'allow main'],
  [
    26,
    'beta is not allowed',
    (world) => {
      fromBeta('beta/my-source-repo')(world);
      world.policy.allowedOwners = new Set(['ACME']);
    },
    'skip source_owner_not_allowed',
  ],
  [27, 'other case', (world) => (world.in = inbound('repository: ACME/My-Source-Repo, workflow: ci.yml')), 'allow main'],
  [28, 'acme/*', (world) => (world.in = inbound('repository: acme/*, workflow: "*"')), 'allow main'],
  [28, 'beta/*', (world) => (world.in = inbound('repository: beta/*, workflow: "*"')), 'inbound_not_authorized'],
  [28, 'acme/other-*', (world) => (world.in = inbound('repository: acme/other-*, workflow: ci.yml')), 'inbound_not_authorized'],
  [28, 'the workflow in other case', (world) => (world.in = inbound('repository: acme/*, workflow: CI.yml')), 'inbound_not_authorized'],
  [28, 'another target workflow', (world) => (world.in = inbound(FROM_S, 'workflow: other.yml')), 'inbound_not_authorized'],
  [29, 'T lists */*', (world) => (world.in = inbound('repository: "*/*", workflow: ci.yml')), 'target_config_invalid'],
  [29, 'S names acme/*', (world) => (world.out = outbound('repository: acme/*, workflow: cd.yml')), 'skip source_config_invalid'],
  [36, 'inputs that T does not accept', files(outbound(`${TO_T}, inputs: { sha: a }`)), 'inputs_not_accepted'],
  [36, 'one key that T does not accept', withInputs('sha: a, env: prod', 'sha'), 'inputs_not_accepted'],
  [
    37,
    'two inbound rules, the second accepts',
    (world) => {
      world.out = outbound(`${TO_T}, inputs: { sha: a }`);
      world.in = `${inbound(FROM_S)}  - source: { ${FROM_S} }\n    targets: [{ workflow: cd.yml, accept_inputs: [sha] }]\n`;
    },
    'allow main',
  ],
  [
    37,
    'the closest of two rules speaks',
    (world) => {
      world.out = outbound(`${TO_T}, inputs: { sha: a }`);
      world.in = `${inbound('repository: other, workflow: ci.yml')}  - source: { ${FROM_S} }\n    targets: [{ workflow: cd.yml }]\n`;
    },
    'inputs_not_accepted',
  ],
  [40, 'a ref, inbound silent', withRef('release'), 'ref_not_accepted'],
  [41, 'a ref that T lists', withRef('release', ', refs: [release]'), 'allow release'],
  [43, 'T on master, S on main', (world) => (world.target.facts.defaultBranch = 'master'), 'allow master'],
  [
    43,
    'T on master, DEFAULT_DISPATCH_REF=main',
    (world) => {
      world.target.facts.defaultBranch = 'master';
      world.policy.defaultRef = 'main';
    },
    'allow main',
  ],
];

export const TARGET_ROWS: readonly Row[] = [
  [
    8,
    'templates of all targets broken',
    files(targets(`${TO_T}, inputs: { a: "{{ x }}" }`, `${TO_T}, inputs: { a: "{{ y }}" }`)),
    'inputs_template_invalid, inputs_template_invalid',
  ],
  [30, 'the target is what just ran', toSelf('ci.yml'), 'self_dispatch'],
  [31, 'another workflow of S', toSelf('deploy.yml'), 'allow main'],
  [32, 'the same target twice', files(targets(TO_T, TO_T)), 'allow main, duplicate_target'],
  [32, 'the same target, its ref written once', files(targets(TO_T, `${TO_T}, ref: main`)), 'allow main, duplicate_target'],
  [
    32,
    'the same target in other case',
    files(targets(TO_T, 'repository: ACME/My-Target-Repo, workflow: cd.yml')),
    'allow main, duplicate_target',
  ],
  [
    33,
    'the same target with other inputs',
    files(targets(`${TO_T}, inputs: { env: a }`, `${TO_T}, inputs: { env: b }`), inbound(FROM_S, 'workflow: cd.yml, accept_inputs: [env]')),
    'allow main, allow main',
  ],
  [
    34,
    '26 targets',
    files(
      targets(...Array.from({ length: 26 }, (_, at) => `${TO_T}, inputs: { n: "${at}" }`)),
      inbound(FROM_S, 'workflow: cd.yml, accept_inputs: [n]'),
    ),
    `${'allow main, '.repeat(25)}max_targets_exceeded`,
  ],
  [35, 'enabled: false', files(outbound(`${TO_T}, enabled: false`)), 'target_disabled'],
  ...['{{ source.nope }}', '${{ github.sha }}', '{{ source.head_branch }', 'a\\tb'].map((value): Row => [
    38,
    `the input ${value}`,
    withInputs(`bad: "${value}"`, 'bad'),
    'inputs_template_invalid',
  ]),
  [
    38,
    'a variable that is empty, of one of two targets',
    (world) => {
      world.run.actor = null;
      files(targets(`${TO_T}, inputs: { a: "by {{ source.actor }}" }`, TO_T))(world);
    },
    'inputs_template_invalid, allow main',
  ],
  [
    38,
    'a variable with a control character',
    (world) => {
      withInputs('a: "{{ source.head_branch }}"', 'a')(world);
      world.run.headBranch = 'ma\u0007in';
      world.run.repository = { ...world.run.repository, defaultBranch: 'ma\u0007in' };
    },
    'inputs_template_invalid',
  ],
  [39, 'a value of 1,024 characters', withInputs(`a: ${'x'.repeat(1_024)}`, 'a'), 'allow main'],
  [39, 'a value of 1,025 characters', withInputs(`a: ${'x'.repeat(1_025)}`, 'a'), 'inputs_limit_exceeded'],
  [
    39,
    '11 inputs on a server that takes 10',
    (world) => {
      const names = Array.from({ length: 11 }, (_, at) => `i${at}`);
      withInputs(names.map((name) => `${name}: a`).join(', '), names.join(', '))(world);
      world.policy.maxInputs = 10;
    },
    'inputs_limit_exceeded',
  ],
  ...['0123456789abcdef0123456789abcdef01234567', 'a..b', 'my release', 'a.lock', '"@"', 'a//b', '/a', 'a/', '-a'].map((ref): Row => [
    42,
    `ref ${ref}`,
    withRef(ref),
    'ref_invalid',
  ]),
  [44, 'the App is not in T', (world) => (world.target.lookup = 'not_installed'), 'target_not_installed'],
  [44, 'the installation in T is suspended', (world) => (world.target.lookup = 'suspended'), 'target_unavailable'],
  [44, 'T is archived', (world) => (world.target.facts.archived = true), 'target_unavailable'],
  [44, 'T is disabled', (world) => (world.target.facts.disabled = true), 'target_unavailable'],
  [44, 'T was renamed', (world) => (world.target.lookup = 'moved'), 'target_moved'],
  [45, 'TARGET_REPO_ALLOWLIST lacks T', (world) => (world.policy.targetRepositories = new Set(['acme/other'])), 'target_repo_not_allowed'],
  [45, 'TARGET_REPO_ALLOWLIST has T', (world) => (world.policy.targetRepositories = new Set(['Acme/my-target-repo'])), 'allow main'],
  [45, 'the owner of T is not allowed', files(outbound('repository: gamma/x, workflow: cd.yml')), 'target_owner_not_allowed'],
  [48, 'the run was our dispatch from T', (world) => (world.chain = fromT(1, [`${TARGET_ID}/cd.yml`])), 'cycle_detected'],
  [48, 'another workflow of T ran before', (world) => (world.chain = fromT(1, [`${TARGET_ID}/ci.yml`])), 'allow main'],
  [49, 'the third link of a chain', (world) => (world.chain = fromT(2, ['1/a.yml', '2/b.yml'])), 'allow main'],
  [49, 'the fourth link of a chain', (world) => (world.chain = fromT(3, ['1/a.yml', '2/b.yml', '3/c.yml'])), 'chain_depth_exceeded'],
  [51, 'the thirtieth on one edge', (world) => (world.edgeCount = 29), 'allow main'],
  [51, 'the thirty-first on one edge', (world) => (world.edgeCount = 30), 'edge_rate_exceeded'],
  [
    51,
    'the limit of an edge is reached within one run',
    (world) => {
      world.edgeCount = 29;
      files(
        targets(`${TO_T}, inputs: { n: a }`, `${TO_T}, inputs: { n: b }`),
        inbound(FROM_S, 'workflow: cd.yml, accept_inputs: [n]'),
      )(world);
    },
    'allow main, edge_rate_exceeded',
  ],
  [
    51,
    'the edge is paused',
    (world) => (world.pause = { id: 'stop', reason: 'an incident', createdAt: '', updatedAt: '' }),
    'operator_paused',
  ],
];

/** What the reference says in words, without a row. */
export const OTHER_ROWS: readonly Row[] = [
  [0, 'SOURCE_REPO_ALLOWLIST lacks S', (world) => (world.policy.sourceRepositories = new Set(['acme/x'])), 'skip source_repo_not_allowed'],
  [0, 'SOURCE_REPO_ALLOWLIST has S', (world) => (world.policy.sourceRepositories = new Set(['ACME/My-Source-Repo'])), 'allow main'],
  [
    0,
    'SOURCE_WORKFLOW_ALLOWLIST lacks it',
    (world) => (world.policy.sourceWorkflows = new Set(['x.yml'])),
    'skip source_workflow_not_allowed',
  ],
  [0, 'SOURCE_WORKFLOW_ALLOWLIST has it', (world) => (world.policy.sourceWorkflows = new Set(['ci.yml'])), 'allow main'],
  [
    0,
    'every conclusion counts, but there is none',
    (world) => {
      world.policy.conclusions = 'any';
      world.run.conclusion = null;
    },
    'skip source_conclusion_not_allowed',
  ],
  [
    0,
    'every conclusion counts for the source, not for the target',
    (world) => {
      world.policy.conclusions = 'any';
      world.run.conclusion = 'failure';
    },
    'inbound_condition_not_met',
  ],
  [
    0,
    'the closest of two outbound rules speaks',
    (world) => {
      world.out = `${outbound(TO_T, 'workflow: ci.yml, events: [release], branches: [other]')}  - source: { workflow: ci.yml, branches: [other] }\n    targets: [{ ${TO_T} }]\n`;
    },
    'skip source_branch_not_allowed',
  ],
  [
    0,
    'what stands twice does not count twice',
    (world) => {
      world.policy.maxTargets = 1;
      world.out = targets(TO_T, TO_T);
    },
    'allow main, duplicate_target',
  ],
  [0, 'the default branch of T can be no ref', (world) => (world.target.facts.defaultBranch = 'a..b'), 'ref_invalid'],
  [0, 'T has no default branch yet', (world) => (world.target.facts.defaultBranch = ''), 'allow main'],
];

export const FILE_ROWS: readonly Row[] = [
  ...invalid(52, 'a key misspelt', `x-a: 1\ntaregts: 1\n`),
  ...invalid(52, 'a key twice', 'inbound:\ninbound:\n'),
  ...invalid(52, 'an alias', 'x-a: &a 1\nx-b: *a\n'),
  ...invalid(52, 'a tag', 'x-a: !!binary aGk=\n'),
  ...invalid(52, 'a complex key', '? [a]\n: 1\n'),
  ...invalid(52, 'a complex key in brackets', 'x-a: { [b]: 1 }\n'),
  ...invalid(52, '64 KiB and a byte', `${inbound(FROM_S)}${`# ${'ä'.repeat(40)}\n`.repeat(780)}`.padEnd(65_536, '#')),
  ...invalid(52, 'depth 33', nested(33)),
  [52, 'depth 32', (world) => (world.in = nested(32)), 'allow main'],
  [53, 'a key x-note', (world) => (world.in = `x-note: { any: [thing] }\n${inbound(`${FROM_S}, x-why: because`)}`), 'allow main'],
  [53, 'outbound: with nothing', (world) => (world.in = `outbound:\n${inbound(FROM_S)}`), 'allow main'],
  [53, 'a byte order mark', (world) => (world.in = `\uFEFF${inbound(FROM_S)}`), 'allow main'],
  [53, 'lines that end with CRLF', (world) => (world.in = inbound(FROM_S).replaceAll('\n', '\r\n')), 'allow main'],
];
