import { QueryObserver } from '@tanstack/react-query';
import { expect, it, vi } from 'vitest';
import { askAgainForFailed, createQueryClient } from './query-client.ts';

it('asks again for what failed when the region is back, and for nothing else', async () => {
  const client = createQueryClient();
  const asked = { well: 0, failing: 0 };
  let isAway = false;
  const ask = (name: keyof typeof asked) => (): string => {
    asked[name] += 1;
    if (isAway && name === 'failing') throw new Error('away');
    return name;
  };
  const shown = (name: keyof typeof asked) => new QueryObserver(client, { queryKey: [name], queryFn: ask(name), retry: false });
  const failing = shown('failing');
  const ends = [failing, shown('well')].map((observer) => observer.subscribe(() => undefined));
  await vi.waitFor(() => expect(client.isFetching()).toBe(0));
  isAway = true;
  await failing.refetch();
  expect(failing.getCurrentResult()).toMatchObject({ status: 'error', data: 'failing' });
  isAway = false;
  askAgainForFailed(client);
  await vi.waitFor(() => expect(failing.getCurrentResult().status).toBe('success'));
  expect(asked).toEqual({ well: 1, failing: 3 });
  for (const end of ends) end();
  client.clear();
});
