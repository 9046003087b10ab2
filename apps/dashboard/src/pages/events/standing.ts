import type { Tone } from '../../parts/state.tsx';
import type { ListedEvent } from './event-story.ts';

/** How an event stands, in a word or two: what failed counts before what is under way, and that before what was delivered. */
export function standingOf({ state, progress }: Pick<ListedEvent, 'state' | 'progress'>): { readonly value: string; readonly tone?: Tone } {
  const { open, delivered, failed } = progress;
  const counted = open + delivered + failed;
  if (state !== 'planned' || counted === 0) return { value: state };
  if (failed > 0) return { value: failed === counted ? 'failed' : `${failed} of ${counted} failed`, tone: 'bad' };
  if (open > 0) return { value: delivered === 0 ? 'under way' : `${delivered} of ${counted} done`, tone: 'busy' };
  return { value: 'delivered', tone: 'good' };
}
