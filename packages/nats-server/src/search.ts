import type { Platform } from './platform.ts';

/** The ways to a nats-server, in the order they are tried. */
export type WayName = 'NATS_SERVER_BIN' | 'PATH' | 'cache' | 'release archive' | 'Debian package' | 'go install';

/** What the search is doing now; `doneBytes` and `totalBytes` only while something is downloaded. */
export interface SearchProgress {
  readonly way: WayName;
  readonly text: string;
  readonly doneBytes?: number;
  readonly totalBytes?: number;
}

/** Upper bounds for each slow step, in ms. */
export interface SearchBudgets {
  readonly versionCheckMs: number;
  /** From the request to the first byte of the answer, redirects included. */
  readonly connectMs: number;
  /** Longest silence in the middle of a download. */
  readonly stallMs: number;
  readonly downloadMs: number;
  /** All steps of the Debian way together. */
  readonly debianMs: number;
  /** Asking the module proxy whether the module is there, before a build is begun. */
  readonly goProbeMs: number;
  readonly goBuildMs: number;
}

/** Everything a way may look at; nothing else is read from the process. */
export interface Search {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly platform: Platform;
  readonly cacheDir: string;
  /** The folder of the machine's apt sources. */
  readonly aptDir: string;
  readonly budgets: SearchBudgets;
  readonly signal: AbortSignal;
  readonly report: (text: string, bytes?: { doneBytes: number; totalBytes?: number }) => void;
}

/** How one way ended. `missed` lets the search go on; `refused` ends it, because a person named this very binary. */
export type WayResult =
  | { readonly kind: 'found'; readonly binary: string; readonly version: string }
  | { readonly kind: 'missed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** One way to a nats-server. `find` never throws for an expected failure: the reason is its result. */
export interface Way {
  readonly name: WayName;
  readonly find: (search: Search) => Promise<WayResult>;
}

export const missed = (reason: string): WayResult => ({ kind: 'missed', reason });
