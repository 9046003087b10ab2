import type { LiveFrame } from '@waybill/contracts';
import { expect, it } from 'vitest';
import { Changes } from './changes.ts';

const at = '2026-01-01T00:00:00.000Z';
const delivery = { id: 'dlv_1', eventId: 'evt_1', tenantId: 'acme', endpointId: 'ep_1', state: 'delivered' } as const;

/** Which of the keys are old after the frames. */
function old(frames: readonly LiveFrame[], ...keys: readonly (readonly unknown[])[]): readonly unknown[][] {
  const changes = new Changes();
  for (const frame of frames) changes.add(frame);
  return keys.filter((key) => changes.concern(key)).map((key) => [...key]);
}

const lists = [
  ['events', 'list'],
  ['deliveries', 'list'],
  ['stats', 'regions'],
  ['jobs', 'list'],
];

it('makes lists and figures old of which anything changed', () => {
  expect(old([{ at, deliveries: [delivery] }], ...lists)).toEqual(lists.slice(0, 3));
});

it('makes one thing old only when it is named, by any of the frames', () => {
  const keys = ['evt_1', 'evt_2', 'evt_3'].map((id) => ['events', 'one', id, false]);
  const frames = [
    { at, deliveries: [delivery] },
    { at, dispatches: ['evt_3'] },
  ];
  expect(old(frames, ...keys).map(([, , id]) => id)).toEqual(['evt_1', 'evt_3']);
});

it('makes everything of a kind old of which more changed than was named', () => {
  expect(old([{ at, jobs: ['job_1'], more: true }], ['jobs', 'one', 'job_2'], ['events', 'one', 'evt_1'])).toEqual([
    ['jobs', 'one', 'job_2'],
  ]);
});

it('makes single endpoints old by any change of the registry, which names none', () => {
  expect(old([{ at, registry: true }], ['endpoints', 'one', 'acme', 'ep_1'], ['audit', 'list'])).toEqual([
    ['endpoints', 'one', 'acme', 'ep_1'],
  ]);
});

it('knows whether there is anything', () => {
  const changes = new Changes();
  changes.add({ at });
  expect(changes.isEmpty).toBe(true);
  changes.add({ at, audit: true });
  expect(changes.isEmpty).toBe(false);
});
