/** How many attempts wait at one endpoint. */
export interface WaitingAt {
  readonly endpointId: string;
  readonly waiting: number;
}

/** Those for all others together. No endpoint can be called that where ids are made; one that is counts with them. */
export const OTHERS = 'other';

/** The `most` endpoints where most wait, and the rest as one, which is always there: as many entries at most, plus one. */
export function worstWaiting(all: readonly WaitingAt[], most: number): readonly WaitingAt[] {
  const named = all
    .filter(({ endpointId }) => endpointId !== OTHERS)
    .toSorted((one, other) => other.waiting - one.waiting)
    .slice(0, most);
  const told = named.reduce((sum, { waiting }) => sum + waiting, 0);
  const total = all.reduce((sum, { waiting }) => sum + waiting, 0);
  return [...named, { endpointId: OTHERS, waiting: total - told }];
}
