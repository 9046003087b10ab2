import { expect, it } from 'vitest';
import { WebhookCounts } from './webhook-counts.ts';

it('counts by event and action, and keeps a bounded number of them', () => {
  const counts = new WebhookCounts();
  counts.ignored('ping', undefined);
  for (let n = 0; n < 500; n += 1) counts.ignored('invented', `action ${n}`);
  counts.ignored('ping', undefined);
  const { ignored } = counts.view();
  expect(ignored).toHaveLength(101);
  expect(ignored).toContainEqual({ event: 'ping', action: undefined, count: 2 });
  expect(ignored).toContainEqual({ event: 'other', action: undefined, count: 401 });
});
