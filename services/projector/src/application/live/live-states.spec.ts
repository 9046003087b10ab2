import type { LiveState } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { LiveStates } from './live-states.ts';

interface World {
  looked: Omit<LiveState, 'behind'>;
  behind: number | null;
  isFollowed: boolean;
}

/** States as they are told; `look` lets the next moment come. */
function makeStates() {
  const told: LiveState[] = [];
  const world: World = { looked: { rebuilding: false, problems: [] }, behind: 0, isFollowed: true };
  let next: (() => void) | undefined;
  const states = new LiveStates({
    look: () => world.looked,
    behind: async () => world.behind,
    isFollowed: () => world.isFollowed,
    tell: (state) => void told.push(state),
    later: (work) => {
      next = work;
      return () => (next = undefined);
    },
  });
  states.start();
  const look = async (times = 1): Promise<void> => {
    for (let n = 0; n < times; n += 1) {
      next?.();
      await Promise.resolve();
    }
  };
  return { states, told, world, look };
}

it('tells at once when a rebuild begins, when something is wrong, and when what is shown is old', async () => {
  const { told, world, look } = makeStates();
  await look(2);
  told.length = 0;
  world.looked = { rebuilding: true, problems: [] };
  await look();
  world.looked = { rebuilding: true, problems: [{ part: 'nats', detail: 'away' }] };
  world.behind = 5_000;
  await look();
  await look();
  expect(told).toMatchObject([{ rebuilding: true, problems: [], behind: 0 }, { problems: [{ part: 'nats' }] }, { behind: 5_000 }]);
});

it('tells every fifth look when nothing changes, and nobody while nobody follows', async () => {
  const { told, world, look } = makeStates();
  await look(2);
  told.length = 0;
  await look(10);
  expect(told).toHaveLength(2);
  world.isFollowed = false;
  world.behind = 9_999;
  await look(10);
  expect(told).toHaveLength(2);
});

it('looks no more once it is stopped', async () => {
  const { states, told, look } = makeStates();
  states.stop();
  await look(10);
  expect(told).toEqual([]);
});
