import type { Chain, GithubRun } from '@waybill/contracts';
import type { ChainLookup } from '@waybill/dispatching';

/** How long after its end a run that our App started is waited for to be told of: its end can come in before the word of its start. */
const TOLD_WITHIN_MS = 60_000;
const AGAIN_MS = 1_500;

export interface KnownOfRun {
  /** Of the dispatch that started it; undefined when no fact says so. */
  readonly chain: Chain | undefined;
  /** Login of the App. */
  readonly bot: string;
  readonly nowMs: number;
}

/** What led to a run. A run of our App that no fact tells of cannot be verified: it might close a circle. Pure. */
export function chainOf({ triggeringActor, updatedAt }: GithubRun, { chain, bot, nowMs }: KnownOfRun): ChainLookup {
  if (chain !== undefined) return { kind: 'link', chain };
  if (triggeringActor?.login.toLowerCase() !== bot.toLowerCase()) return { kind: 'root' };
  const leftMs = Date.parse(updatedAt) + TOLD_WITHIN_MS - nowMs;
  // Also when the time cannot be read.
  if (!(leftMs > 0)) return { kind: 'unverifiable' };
  return { kind: 'not_yet', delayMs: Math.min(AGAIN_MS, leftMs) };
}
