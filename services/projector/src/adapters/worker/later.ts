import type { Later } from '../../application/in-batches.ts';

/** The real timer. */
export const later: Later = (work, ms) => {
  const timer = setTimeout(work, ms);
  return () => clearTimeout(timer);
};
