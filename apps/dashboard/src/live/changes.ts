import type { LiveFrame } from '@waybill/contracts';

/** What a part of a frame makes old: first parts of queries' keys. */
const KINDS: readonly (readonly [part: keyof LiveFrame, ...kinds: string[]])[] = [
  ['events', 'events', 'schemas', 'stats'],
  ['deliveries', 'deliveries', 'events', 'stats'],
  ['deadLetters', 'dead-letters', 'stats'],
  ['dispatches', 'dispatches', 'events'],
  ['jobs', 'jobs'],
  ['regions', 'regions', 'settings'],
  ['audit', 'audit'],
  ['registry', 'endpoints', 'tenants'],
];

/** Kinds of which each frame names what changed; queries of one thing have keys like `[kind, 'one', id]`. */
const NAMED: Readonly<Record<string, (frame: LiveFrame) => readonly (readonly string[])[]>> = {
  events: ({ events, deliveries, dispatches }) => [idsOf(events), deliveries?.map(({ eventId }) => eventId) ?? [], dispatches ?? []],
  deliveries: ({ deliveries }) => [idsOf(deliveries)],
  'dead-letters': ({ deadLetters }) => [deadLetters ?? []],
  dispatches: ({ dispatches }) => [dispatches ?? []],
  jobs: ({ jobs }) => [jobs ?? []],
};

const idsOf = (things: readonly { readonly id: string }[] | undefined): string[] => things?.map(({ id }) => id) ?? [];

/** What frames told since it was made: which queries are old now. */
export class Changes {
  /** Ids by kind. */
  readonly #named = new Map<string, Set<string>>();
  /** Kinds of which more changed than was named. */
  readonly #whole = new Set<string>();

  get isEmpty(): boolean {
    return this.#named.size === 0;
  }

  add(frame: LiveFrame): void {
    const kinds = KINDS.flatMap(([part, ...of]) => (frame[part] === undefined ? [] : of));
    for (const kind of kinds) {
      const ids = NAMED[kind]?.(frame);
      if (ids === undefined || frame.more === true) this.#whole.add(kind);
      this.#named.set(kind, new Set([...(this.#named.get(kind) ?? []), ...(ids?.flat() ?? [])]));
    }
  }

  /** Whether a query is old: a list or a figure of a kind of which anything changed, one thing when it is among what changed. */
  concern([kind, what, id]: readonly unknown[]): boolean {
    if (typeof kind !== 'string') return false;
    const ids = this.#named.get(kind);
    if (ids === undefined) return false;
    return what !== 'one' || typeof id !== 'string' || this.#whole.has(kind) || ids.has(id);
  }
}
