/** What must not be. */
export const VIOLATIONS = [
  /** An event under an id that another one has already. */
  'accepted_twice',
  /** A second event under one idempotency key, in one region, within the time that keys are kept. */
  'same_key',
  /** An event that is neither planned nor refused. */
  'not_planned',
  /** An event that was given fewer plans than its plans say. */
  'parts_missing',
  /** An event that one region planned, or refused, more than once. */
  'planned_twice',
  /** A delivery that one region named in two plans. */
  'delivery_planned_twice',
  /** A plan, or a refusal, of an event that no LOG has. */
  'not_accepted',
  /** A delivery that came to no end, and that nothing waits for any more. */
  'without_end',
  /** A delivery that one region brought to an end more than once. */
  'ended_twice',
  /** A delivery that was tried, or ended, and that no plan names. */
  'unplanned',
  /** A workflow dispatch that started more than one run. */
  'started_twice',
  /** A fact that cannot be read and that nobody set aside. */
  'unreadable',
  /** Facts that another region's copy lacks, though it has later ones. */
  'copy_missing',
  /** Facts that another region's copy has and the LOG has lost, or has others in place of. */
  'only_copied',
  /** Facts that a LOG has lost between others. */
  'log_hole',
  /** Read models that show something else than the LOG says. */
  'shown_differently',
  /** What the LOG has and read models do not show. */
  'not_shown',
  /** What read models show and no LOG has. */
  'only_shown',
] as const;
export type Violation = (typeof VIOLATIONS)[number];

/** What may be, and is worth knowing. The first three come of a region that stood in for another one, the fourth of a write whose ack was lost. */
export const NOTICES = ['planned_elsewhere_too', 'ended_elsewhere_too', 'key_elsewhere_too', 'stored_again'] as const;
export type Notice = (typeof NOTICES)[number];

/** What has not come to its end yet. */
export const OPEN = ['event_open', 'delivery_open', 'copy_behind'] as const;
export type Open = (typeof OPEN)[number];

export type FindingKind = Violation | Notice | Open;

/** How often something was found, and where: at most 1,000 ids. */
export interface Found {
  readonly count: number;
  readonly ids: readonly string[];
}

const MOST_IDS = 1_000;

/** Counts what was found, exactly, and keeps the first ids of each kind. */
export class Findings {
  readonly #found = new Map<FindingKind, { count: number; readonly ids: string[] }>();

  add(kind: FindingKind, id: string, count = 1): void {
    const found = this.#found.get(kind) ?? { count: 0, ids: [] };
    found.count += count;
    if (found.ids.length < MOST_IDS) found.ids.push(id);
    this.#found.set(kind, found);
  }

  count(kind: FindingKind): number {
    return this.#found.get(kind)?.count ?? 0;
  }

  /** Those of some kinds that were found at all, in the order of the kinds. */
  of(kinds: readonly FindingKind[]): Partial<Record<FindingKind, Found>> {
    return Object.fromEntries(kinds.flatMap((kind) => (this.#found.has(kind) ? [[kind, this.#found.get(kind)]] : [])));
  }
}
