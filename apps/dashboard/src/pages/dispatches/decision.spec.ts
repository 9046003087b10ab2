import { describe, expect, it } from 'vitest';
import { answerOf, firstToShow, skipAnswer } from './answer.ts';
import type { DecidedFile, Story, Target } from './dispatch.ts';
import { sourceSide, targetSide } from './file-marks.ts';

const OUT = `outbound:
  - id: train
    source: { workflow: ci.yml }
    targets:
      - repository: api
        workflow: cd.yml
      - repository: closed
        workflow: cd.yml
`;
const IN = `inbound:
  - source:
      repository: web
      workflow: ci.yml
    targets:
      - workflow: cd.yml
`;

const target = (more: Partial<Target> = {}): Target => ({
  ordinal: 0,
  deliveryId: 'dlv_1',
  owner: 'acme',
  repo: 'api',
  workflow: 'cd.yml',
  ref: 'main',
  rule: 'train',
  verdict: 'allowed',
  state: 'planned',
  reason: null,
  detail: null,
  text: null,
  statedAt: null,
  statedIn: null,
  run: null,
  ...more,
});
const denied = (reason: string, detail: string, more: Partial<Target> = {}): Target =>
  target({ verdict: 'denied', state: 'denied', reason, detail, text: { meaning: 'It means this.', remedy: 'Do that.' }, ...more });
const file = (repository: string, text: string, path = 'dispatching.yml'): DecidedFile => ({ repository, path, text });

const story = (more: Partial<Story> = {}): Story => ({
  eventId: 'evt_1',
  tenantId: 'gh-acme',
  region: 'local',
  decidedAt: '2026-01-01T00:00:00.000Z',
  state: 'denied',
  repository: 'acme/web',
  workflow: 'ci.yml',
  run: { host: 'github.com', id: '1', attempt: 1, conclusion: 'success', event: 'push', branch: 'main', sha: 'abc', url: 'https://run' },
  skip: null,
  warnings: [],
  counts: { targets: 1, allowed: 0, denied: 1, started: 0, failed: 0, unknown: 0, ended: 0 },
  chain: { id: 'c', depth: 0, parent: null, children: [] },
  complete: true,
  report: null,
  targets: [],
  files: [file('acme/web', OUT, '.github/dispatching.yml'), file('ACME/api', IN), file('acme/closed', 'inbound: []\n')],
  ...more,
});

describe('the answer about a target', () => {
  it('says why it was denied, and whose file must change', () => {
    const asked = denied('inbound_not_authorized', 'No inbound rule of acme/closed lets ci.yml in: add one there.', { repo: 'closed' });
    expect(answerOf(story(), asked)).toEqual({
      tone: 'bad',
      sentence: 'cd.yml of acme/closed was denied: no inbound rule of acme/closed lets ci.yml in: add one there.',
      reason: 'inbound_not_authorized',
      meaning: 'It means this.',
      remedy: 'Do that.',
      changeIn: { repository: 'acme/closed', path: 'dispatching.yml' },
    });
  });

  it.each([
    [denied('self_dispatch', ''), 'cd.yml of acme/api was denied: it means this.', 'acme/web/.github/dispatching.yml'],
    [
      denied('operator_paused', 'An operator has paused this (stop): x'),
      'cd.yml of acme/api was denied: an operator has paused this (stop): x.',
      undefined,
    ],
    [
      denied('ref_not_accepted', 'r', { verdict: 'allowed' }),
      'cd.yml of acme/api was allowed at first, and denied when it was called: r.',
      'acme/api/dispatching.yml',
    ],
    [
      target({ state: 'failed', reason: 'workflow_disabled', detail: 'off' }),
      'cd.yml of acme/api was allowed, but was not started: off.',
      undefined,
    ],
    [
      target({ state: 'failed', reason: 'workflow_not_found', detail: 'none' }),
      'cd.yml of acme/api was allowed, but was not started: none.',
      'acme/api/.github/workflows/cd.yml',
    ],
    [target(), 'cd.yml of acme/api is allowed and about to be called.', undefined],
    [
      target({ state: 'started', run: { id: '7', url: null, conclusion: null, endedAt: null } }),
      'cd.yml of acme/api was started as run 7, and has not ended yet.',
      undefined,
    ],
    [
      target({ state: 'started', run: { id: '7', url: null, conclusion: 'failure', endedAt: '2026-01-01T00:00:00.000Z' } }),
      'cd.yml of acme/api was started as run 7 and ended with failure.',
      undefined,
    ],
  ])('%#', (asked, sentence, changeIn) => {
    expect(answerOf(story(), asked)).toMatchObject({ sentence });
    const { changeIn: place } = answerOf(story(), asked);
    expect(place && `${place.repository}/${place.path}`).toBe(changeIn);
  });

  it('is first about what was denied', () => {
    expect(firstToShow([target(), denied('self_dispatch', '', { deliveryId: 'b' })])?.deliveryId).toBe('b');
    expect(firstToShow([target({ deliveryId: 'a' })])?.deliveryId).toBe('a');
    expect(firstToShow([])).toBeUndefined();
  });
});

describe('the answer about a run that led to nothing', () => {
  it('names the source', () => {
    const skip = { reason: 'no_matching_outbound', detail: 'No outbound rule of the dispatching.yml names ci.yml', text: null };
    expect(skipAnswer(story({ skip }))).toMatchObject({
      sentence: 'The run of ci.yml started nothing: no outbound rule of the dispatching.yml names ci.yml.',
      changeIn: { repository: 'acme/web', path: '.github/dispatching.yml' },
    });
    expect(skipAnswer(story())).toBeUndefined();
  });

  it.each([
    ['source_config_invalid', 'The dispatching.yml of acme/web cannot be used (line 3, outbound[0]): x', [{ from: 3, to: 3, tone: 'bad' }]],
    [
      'source_branch_not_allowed',
      'The rule train names this workflow, but does not take the branch `x`',
      [{ from: 2, to: 8, tone: 'bad' }],
    ],
    ['no_matching_outbound', 'No outbound rule names it.', [{ from: 1, to: 1, tone: 'bad' }]],
    ['source_from_fork', 'The commit came from x/y.', []],
  ])('marks what decided: %s', (reason, detail, marks) => {
    expect(sourceSide(story({ skip: { reason, detail } }), undefined).marks).toEqual(marks);
  });
});

describe('the two files', () => {
  it('are marked where they allow', () => {
    expect(sourceSide(story(), target())).toMatchObject({
      says: 'Rule train asks for this: lines 5 to 6.',
      marks: [{ from: 5, to: 6, tone: 'busy' }],
    });
    expect(targetSide(story(), target())).toMatchObject({
      says: 'It lets this source in: lines 2 to 6.',
      marks: [{ from: 2, to: 6, tone: 'good' }],
    });
  });

  it('are marked where they deny', () => {
    const inputs = denied('inputs_not_accepted', 'inbound[0] in the dispatching.yml of acme/api does not accept sha');
    expect(targetSide(story(), inputs).marks).toEqual([{ from: 6, to: 6, tone: 'bad' }]);
    const branch = denied(
      'inbound_condition_not_met',
      'inbound[0] in the dispatching.yml of acme/api names this source, but does not take',
    );
    expect(targetSide(story(), branch).marks).toEqual([{ from: 2, to: 6, tone: 'bad' }]);
    const broken = denied('target_config_invalid', 'The dispatching.yml cannot be used');
    expect(targetSide(story(), broken).says).toContain('waybill github lint');
  });

  it('say what to add', () => {
    const closed = denied('inbound_not_authorized', 'No rule', { repo: 'closed' });
    expect(targetSide(story(), closed)).toMatchObject({
      says: 'No inbound rule here names this source.',
      marks: [{ from: 1, to: 1, tone: 'bad' }],
      add: 'inbound:\n  - source:\n      repository: web\n      workflow: ci.yml\n      branches: ["main"]\n    targets:\n      - workflow: cd.yml\n        refs: ["main"]\n',
    });
    const other = denied('inbound_not_authorized', 'No rule', { workflow: 'other.yml', ref: null });
    expect(targetSide(story(), other).add).not.toContain('inbound:');
    expect(targetSide(story(), target()).add).toBeUndefined();
  });

  it.each([
    [undefined, 'What was read for this decision was not kept, or is no longer in the log.'],
    [[file('acme/web', OUT)], 'It was not read: this was decided before it mattered.'],
    [
      [{ ...file('acme/api', ''), missing: true }],
      'There was no dispatching.yml on its default branch, neither in the root nor in .github/.',
    ],
  ])('say why one is not there: %#', (files, says) => {
    expect(targetSide(story({ files: files ?? null }), target())).toMatchObject({ says, marks: [] });
  });
});
