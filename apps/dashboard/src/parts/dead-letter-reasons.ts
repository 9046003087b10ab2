/** What a reason means, and what to do before it is tried again. */
export interface ReasonWords {
  readonly means: string;
  readonly first: string;
}

const words = (means: string, first: string): ReasonWords => ({ means, first });

/** Those of docs/runbooks/dead-letters.md; what GitHub said stands on the page of the dispatch. */
const WORDS: Readonly<Record<string, ReasonWords>> = {
  attempts_exhausted: words(
    'The receiver refused, or did not answer, until the last retry was over.',
    'Ask the receiver whether it is back; redrive one first, then the others.',
  ),
  endpoint_gone: words('The receiver answered 410: it is gone.', 'Take the endpoint up again on its page, then redrive.'),
  endpoint_disabled: words('The endpoint was disabled, by hand or after days of failure.', 'Take it up again on its page, then redrive.'),
  endpoint_deleted: words('The endpoint was removed: there is nobody to send to.', 'Make it anew and replay into it, or discard.'),
  payload_lost: words('The log did not hold the payload any more.', 'It cannot be redriven: ask the source to send it again, and discard.'),
  skipped: words('An operator gave it up.', 'Nothing, unless it is wanted after all.'),
  drop_incompatible: words('The event is of a version that is not accepted any more.', 'Change EVENT_SCHEMA_MIN_COMPATIBLE, then redrive.'),
  reader_too_old: words('The event needs a newer Waybill than this one.', 'Upgrade, then redrive.'),
  poison: words('The message could not be read as an event.', 'Look at it and report it; redriven it is read again.'),
};

export const reasonWords = (reason: string): ReasonWords =>
  WORDS[reason] ?? words('A workflow dispatch did not work out.', 'Look at the dispatch for what GitHub said; redriven, a run may start.');

/** Whether an endpoint stands for a workflow that is dispatched: such are made again only by express consent. */
export const isWorkflow = (endpointId: string | null | undefined): boolean => endpointId?.startsWith('github:') === true;
