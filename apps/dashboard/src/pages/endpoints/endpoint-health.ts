import type { Tone } from '../../parts/state.tsx';
import type { Endpoint, Secrets } from './endpoint.ts';
import type { Attempt } from './endpoint-figures.ts';

export interface Health {
  readonly tone: Tone;
  /** One word or two. */
  readonly word: string;
  readonly says: string;
  /** Since when; null when that is not known. */
  readonly since: string | null;
}

const DISABLED = {
  manual: [
    'warn',
    'paused',
    'An operator has paused it: new events are not planned for it, and what it was still owed ends as dead letters.',
  ],
  gone: ['bad', 'gone', 'The receiver answered 410: it wants nothing more. Resume it when that was a mistake.'],
  failing: ['bad', 'disabled', 'It failed for so long without one success that it was disabled. Repair the receiver, then resume it.'],
} as const satisfies Record<string, readonly [Tone, string, string]>;

/** A circuit closes with the first success, which may be known here before the registry says so. */
const isOver = ({ failingSince }: NonNullable<Endpoint['health']>, last: Attempt | null | undefined): boolean =>
  last?.outcome === 'accepted' && Date.parse(last.at) > Date.parse(failingSince);

/** How an endpoint does. `last`: its newest attempt; undefined while that is not known. */
export function healthOf({ disabled, health }: Pick<Endpoint, 'disabled' | 'health'>, last: Attempt | null | undefined): Health {
  if (disabled !== undefined) {
    const [tone, word, says] = DISABLED[disabled.reason];
    return { tone, word, says, since: disabled.at };
  }
  if (health !== null && !isOver(health, last))
    return {
      tone: 'bad',
      word: 'circuit open',
      says: 'So many attempts failed that they are paused; one at a time looks whether it is well again. Nothing is lost by that.',
      since: health.failingSince,
    };
  if (last === undefined) return { tone: 'off', word: 'enabled', says: 'It takes deliveries.', since: null };
  if (last === null) return { tone: 'off', word: 'not used', says: 'Nothing was sent to it yet.', since: null };
  if (last.outcome !== 'accepted')
    return {
      tone: 'warn',
      word: 'failing',
      says: `The newest attempt failed: ${last.reason ?? last.detail ?? last.outcome}.`,
      since: last.at,
    };
  return { tone: 'good', word: 'healthy', says: 'The newest attempt was accepted.', since: null };
}

/** How far the change of a secret has come. `until`: when the old one stops signing; null when only one signs. */
export interface Rotation {
  readonly isOn: boolean;
  readonly says: string;
  readonly until: string | null;
}

/** Whether an old secret still signs beside the new one. One that ran out stays listed until the next change, and signs nothing. */
export function rotationOf(secrets: Secrets | undefined, nowMs: number): Rotation {
  const until = secrets?.oldestExpiresAt ?? null;
  if (secrets === undefined || secrets.count < 2 || until === null) return { isOn: false, says: 'One secret signs.', until: null };
  if (Date.parse(until) <= nowMs && secrets.count === 2)
    return { isOn: false, says: 'One secret signs; the one before has run out.', until: null };
  return { isOn: true, says: `${secrets.count} secrets sign, so that receivers may check with either`, until };
}
