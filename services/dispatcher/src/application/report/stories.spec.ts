import { expect, it } from 'vitest';
import { workflowKeyOf } from '../../domain/report/outcome.ts';
import { RunFacts } from '../../domain/report/testing/facts.ts';
import { Stories } from './stories.ts';

it('the stories in memory are bounded: the oldest go first, with what was known of their workflow', () => {
  const forgotten: string[] = [];
  const stories = new Stories((eventId) => forgotten.push(eventId), 2);
  const runs = [1, 2, 3].map((n) => new RunFacts(n, [{ denied: 'cycle_detected' }], {}, { repositoryId: `${n}` }));
  for (const run of runs) stories.apply(run.decidedFact());
  expect([stories.size, forgotten]).toEqual([2, ['evt_1']]);
  expect(runs.map(({ decided }) => stories.newestOf(workflowKeyOf(decided))?.eventId)).toEqual([undefined, 'evt_2', 'evt_3']);
});
