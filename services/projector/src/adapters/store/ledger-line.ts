import { z } from 'zod';
import type { Ledger } from '../../application/rebuild/ledger.ts';

const whole = z.int().min(0);

export const ledgerSchema = z.object({
  serving: whole,
  build: z.object({ generation: whole, purpose: z.enum(['rebuild', 'verify']), startedAt: z.string() }).nullable(),
});

/** Before anything is written down. */
export const FIRST_LEDGER: Ledger = { serving: 0, build: null };
