/** What a state means for whoever looks: told by a sign and a word, and by colour last. */
export const SIGNS = { good: '✓', busy: '…', warn: '!', bad: '✕', off: '–' } as const;
export type Tone = keyof typeof SIGNS;

const TONES: Readonly<Record<string, Tone>> = {
  accepted: 'busy',
  planned: 'busy',
  unmatched: 'off',
  refused: 'bad',
  delivering: 'busy',
  retrying: 'warn',
  delivered: 'good',
  dead_lettered: 'bad',
  denied: 'bad',
  superseded: 'off',
  open: 'warn',
  redriven: 'good',
  discarded: 'off',
  active: 'good',
  draining: 'warn',
  drained: 'off',
  failed: 'bad',
  recovering: 'warn',
  unknown: 'off',
  skipped: 'off',
  done: 'good',
  planning: 'busy',
  running: 'busy',
  paused: 'warn',
  completed: 'good',
  cancelled: 'off',
  expired: 'off',
  started: 'good',
  allowed: 'good',
  intended: 'busy',
  released: 'busy',
  retryable: 'warn',
  rejected: 'bad',
};

const words = (value: string): string => value.replaceAll('_', ' ');

/** A state as a badge. `tone` where the word alone does not tell. */
export function State({ value, tone = TONES[value] ?? 'off' }: { readonly value: string; readonly tone?: Tone | undefined }) {
  return (
    <span className={`state ${tone}`}>
      <span aria-hidden="true">{SIGNS[tone]}</span> {words(value)}
    </span>
  );
}
