import { seededRandom, shuffled } from './random.ts';

/** The processes of a region. */
export const TARGETS = ['ingress', 'planner', 'dispatcher', 'projector', 'nats'] as const;
export type Target = (typeof TARGETS)[number];

/** One process to be killed, `waitMs` after the one before. */
export interface PlannedKill {
  readonly target: Target;
  readonly waitMs: number;
}

const SHORTEST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 6_000;

/** Which process is killed when: each kind equally often, the rest of the division by chance, in random order. The same seed gives the same schedule. */
export function killSchedule(kills: number, seed: number, targets: readonly Target[] = TARGETS): PlannedKill[] {
  const random = seededRandom(seed);
  const rounds = Array.from({ length: Math.floor(kills / targets.length) }, () => targets).flat();
  const rest = shuffled(targets, random).slice(0, kills - rounds.length);
  return shuffled([...rounds, ...rest], random).map((target) => ({
    target,
    waitMs: Math.round(SHORTEST_WAIT_MS + random() * (LONGEST_WAIT_MS - SHORTEST_WAIT_MS)),
  }));
}
