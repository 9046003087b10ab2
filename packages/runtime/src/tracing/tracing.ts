import type { TraceContext } from '@waybill/contracts';

export type SpanKind = 'server' | 'producer' | 'consumer' | 'client' | 'internal';
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** Something that is over, as a trace shows it. Names and attribute keys are those of `span-names.ts`. */
export interface SpanRecord {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: TraceContext;
  /** Absent: it is the first of its trace. */
  readonly parent?: TraceContext | undefined;
  /** What led to it and is no parent of it: at most 128 are kept. */
  readonly links?: readonly TraceContext[] | undefined;
  /** ms since 1970, fractions allowed. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes?: Attributes | undefined;
  /** Why it failed; absent: it did not. */
  readonly error?: string | undefined;
  /** What happened meanwhile. */
  readonly events?: readonly { readonly name: string; readonly atMs: number; readonly attributes?: Attributes }[] | undefined;
}

/**
 * Records spans of finished work. Contexts are passed along by hand, in messages and in what is carried, so nothing hooks into asynchronous calls; a span is handed
 * over whole when it is over. Whatever is not recorded has no context, so that being off costs one comparison with `undefined`. No call throws or waits.
 */
export interface Tracing {
  readonly isOn: boolean;
  /** The first place of a trace, or undefined when the sampler leaves it out. `always`: what is recorded in any case while tracing is on. */
  begin(traceId: string, always?: boolean): TraceContext | undefined;
  /** The first place in a trace that somebody else began and that is recorded. */
  join(parent: TraceContext): TraceContext | undefined;
  /** A new place below one; undefined below none. */
  childOf(parent: TraceContext | undefined): TraceContext | undefined;
  record(span: SpanRecord): void;
  /** Sends what is left, for 2 s at most. */
  close(): Promise<void>;
}

class Off implements Tracing {
  readonly isOn = false;
  begin(): undefined {
    return undefined;
  }
  join(): undefined {
    return undefined;
  }
  childOf(): undefined {
    return undefined;
  }
  record(): void {
    // Nobody looks.
  }
  close(): Promise<void> {
    return Promise.resolve();
  }
}

/** Records nothing. */
export const NO_TRACING: Tracing = new Off();
