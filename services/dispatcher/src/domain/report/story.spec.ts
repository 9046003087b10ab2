import type { DispatchDecided } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDigestOf, conclusionOf, isLater, hasCheck, issueDigestOf, phaseOf, targetsOf, verdictOf } from './outcome.ts';
import { type DispatchFact, foldStory, type Story } from './story.ts';
import { RunFacts } from './testing/facts.ts';

const foldAll = (facts: readonly DispatchFact[]): Story => {
  let story: Story | undefined;
  for (const fact of facts) story = foldStory(story, fact);
  if (story === undefined) throw new Error('no facts');
  return story;
};
const statesOf = (facts: readonly DispatchFact[]) => targetsOf(foldAll(facts)).map(({ state }) => state.kind);
const judged = (facts: readonly DispatchFact[]) => {
  const story = foldAll(facts);
  const targets = targetsOf(story);
  return { phase: phaseOf(targets), conclusion: conclusionOf(story, targets), verdict: verdictOf(targets) };
};
const unavailable = { kind: 'failed', reason: 'github_unavailable', detail: 'nothing found' } as const;

describe('the story of a run', () => {
  it('is the same in whichever order its facts arrive, and however often', () => {
    const run = new RunFacts(1, [{}, {}, { denied: 'cycle_detected' }]);
    const facts = [
      run.decidedFact(),
      run.settled(0, { kind: 'unknown', detail: 'reset' }, 1),
      run.started(0, 2),
      run.settled(1, { kind: 'released', detail: 'refused' }, 3),
      run.settled(1, { kind: 'released', detail: 'refused', givenUp: true }, 3),
      run.refused(1, 4),
      run.failed(1, 4),
      run.ended(0, 'failure', 1),
      run.ended(0, 'success', 2),
      run.reported('a/', 5, { checkRunId: '3' }),
      run.reported('b/', 6),
    ];
    const wanted = foldAll(facts);
    expect(wanted.reported).toMatchObject({ digest: 'b/', checkRunId: '3' });
    const shuffled = fc
      .shuffledSubarray(facts, { minLength: facts.length })
      .chain((all) => fc.subarray(facts).map((again) => [...all, ...again]));
    fc.assert(fc.property(shuffled, (all) => void expect(foldAll(all)).toEqual(wanted)));
  });

  it('keeps no inputs and no files', () => {
    const files = [{ repository: 'acme/web', path: 'dispatching.yml', text: 'xxx' }];
    expect(JSON.stringify(foldAll([new RunFacts(1, [{}], { files }).decidedFact()]))).not.toContain('xxx');
  });

  it('keeps a run that started started, whatever is said later', () => {
    const run = new RunFacts(1, [{}]);
    expect(statesOf([run.decidedFact(), run.started(0, 1), run.failed(0, 9)])).toEqual(['started']);
  });

  it('opens a target again that an operator replays', () => {
    const run = new RunFacts(1, [{}]);
    const facts = [run.decidedFact(), run.failed(0, 1), run.settled(0, { kind: 'released', detail: 'again' }, 2)];
    expect(statesOf(facts)).toEqual(['open']);
  });

  it('takes who was given up, or could not be tried, for failed until there is another word', () => {
    const run = new RunFacts(1, [{}, {}, {}, {}]);
    const gaveUp = { kind: 'released', detail: 'ECONNREFUSED', givenUp: true } as const;
    const facts = [
      run.decidedFact(),
      run.settled(0, { kind: 'released', detail: 'ECONNREFUSED' }, 5),
      run.settled(0, gaveUp, 5),
      run.refused(1),
      run.settled(2, { kind: 'unknown', detail: 'reset' }, 1),
      run.refused(2, 2),
      run.refused(3, 1),
      run.settled(3, { kind: 'released', detail: 'again' }, 2),
    ];
    expect(targetsOf(foldAll(facts)).map(({ state }) => state)).toMatchObject([
      { kind: 'failed', reason: 'github_unavailable', detail: 'ECONNREFUSED' },
      { kind: 'failed', reason: 'github_unavailable', detail: 'the delivery was given up: payload_lost' },
      { kind: 'lost' },
      { kind: 'open' },
    ]);
    expect(statesOf([...facts, run.started(1, 9)])[1]).toBe('started');
  });

  it('takes the earlier of two decisions', () => {
    const [late, early] = [new RunFacts(1, [{}, {}], { at: '2026-11-21T12:00:00.000Z' }), new RunFacts(1, [{}])];
    expect(statesOf([early.decidedFact(), late.decidedFact()])).toEqual(['open']);
    expect(statesOf([late.decidedFact(), early.decidedFact()])).toEqual(['open']);
  });
});

describe('what the check run concludes', () => {
  const run = new RunFacts(1, [{}, {}]);
  const denied = new RunFacts(1, [{ denied: 'cycle_detected' }, {}]);
  const [first, second] = [run.decidedFact(), denied.decidedFact()];

  it.each([
    ['all started', [first, run.started(0), run.started(1)], 'success', 'good'],
    ['one denied', [second, denied.started(1)], 'neutral', 'bad'],
    [
      'one denied by consent read anew',
      [first, run.started(0), run.settled(1, { kind: 'denied', reason: 'target_moved', detail: '' })],
      'neutral',
      'bad',
    ],
    ['one failed', [first, run.started(0), run.failed(1)], 'failure', 'bad'],
    ['one denied, one failed', [second, denied.failed(1)], 'failure', 'bad'],
    ['GitHub away, nothing sent', [first, run.started(0), run.settled(1, unavailable)], 'failure', 'bad'],
    [
      'unknown for good',
      [first, run.failed(0), run.settled(1, { kind: 'unknown', detail: '' }, 1), run.settled(1, unavailable, 2)],
      'action_required',
      'bad',
    ],
  ] as const)('%s', (_name, facts, conclusion, verdict) => {
    const { phase, ...rest } = judged(facts);
    expect(rest).toEqual({ conclusion, verdict });
    expect(phase).not.toBe('open');
  });

  it('is open while a target has no end, or is looked for', () => {
    expect(judged([first, run.started(0)])).toMatchObject({ phase: 'open', verdict: undefined });
    expect(judged([first, run.started(0), run.settled(1, { kind: 'unknown', detail: '' })])).toMatchObject({ phase: 'open' });
    expect(judged([first, run.started(0), run.started(1)])).toMatchObject({ phase: 'done' });
    expect(judged([first, run.started(0), run.started(1), run.ended(0, 'success'), run.ended(1, null)])).toMatchObject({ phase: 'over' });
  });

  it('asks for no issue about a target that is switched off', () => {
    const off = new RunFacts(1, [{ denied: 'target_disabled' }, {}]);
    expect(judged([off.decidedFact(), off.started(1)])).toMatchObject({ conclusion: 'neutral', verdict: 'good' });
    const allOff = new RunFacts(1, [{ denied: 'target_disabled' }]);
    expect(judged([allOff.decidedFact()])).toMatchObject({ conclusion: 'neutral', verdict: undefined });
  });

  it('is nothing for a run that leads to nothing, but for a file that cannot be used', () => {
    const skipped = (reason: NonNullable<DispatchDecided['skip']>['reason']) =>
      foldAll([new RunFacts(1, [], { skip: { reason, detail: 'line 1' } }).decidedFact()]);
    expect(hasCheck(skipped('no_matching_outbound'))).toBe(false);
    expect(hasCheck(skipped('source_config_invalid'))).toBe(true);
    expect(conclusionOf(skipped('source_config_invalid'), [])).toBe('failure');
    expect(hasCheck(foldAll([run.started(0)]))).toBe(false);
  });
});

describe('the digests', () => {
  const run = new RunFacts(1, [{}, { denied: 'cycle_detected' }]);
  const digests = (...facts: readonly DispatchFact[]) => {
    const story = foldAll([run.decidedFact(), ...facts]);
    return [checkDigestOf(story, targetsOf(story)), issueDigestOf(story, targetsOf(story))];
  };

  it('change with what happened; how a started run ends is no news for the issue', () => {
    const [started, ended] = [digests(run.started(0)), digests(run.started(0), run.ended(0, 'failure'))];
    expect(started[0]).not.toBe(ended[0]);
    expect(started[1]).toBe(ended[1]);
    expect(digests(run.started(0))).toEqual(started);
    expect(digests(run.failed(0))[1]).not.toBe(started[1]);
  });

  it('order the runs of a workflow by attempt, else by their decision', () => {
    const [one, two] = [run.decided, new RunFacts(2, [{}]).decided].map((decided) => ({ ...decided, scope: 'g' as const }));
    if (one === undefined || two === undefined) throw new Error('missing');
    expect(isLater(two, one)).toBe(true);
    expect(isLater(one, two)).toBe(false);
    const again = { ...one, run: { ...one.run, attempt: 2 }, at: '2026-01-01T00:00:00.000Z' };
    expect(isLater(again, one)).toBe(true);
    expect(isLater(one, again)).toBe(false);
  });
});
