import type { Chain, DecidedFile, DispatchTarget, RunSkip, TargetDenial } from '@waybill/contracts';

export interface Denial {
  readonly reason: TargetDenial;
  /** What happened in this case and what to do, for the people of both repositories. */
  readonly detail: string;
}

/** What became of one target of the matching rules, in the order of the file. `ordinal` counts from 0. */
export interface TargetDecision {
  readonly ordinal: number;
  readonly owner: string;
  readonly repo: string;
  readonly workflow: string;
  readonly ref?: string | undefined;
  readonly rule: string;
  readonly outcome: { readonly kind: 'allowed'; readonly dispatch: DispatchTarget } | { readonly kind: 'denied'; readonly denial: Denial };
}

/** What a finished run leads to. `later`: it cannot be told yet. */
export type RunDecision =
  | {
      readonly kind: 'decided';
      readonly skip?: { readonly reason: RunSkip; readonly detail: string } | undefined;
      readonly warnings: readonly string[];
      readonly chain: Chain;
      readonly targets: readonly TargetDecision[];
      /** What was read, each file once and whole: the source's first, the others by the names of their repositories. */
      readonly files: readonly DecidedFile[];
    }
  | { readonly kind: 'later'; readonly reason: string; readonly delayMs: number };
