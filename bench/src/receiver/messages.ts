import { z } from 'zod';

/** Told by the receiver process. */
export const receiverReportSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('listening'), port: z.number() }),
  z.object({ kind: z.literal('progress'), succeeded: z.number(), failedOnPurpose: z.number(), unreadable: z.number() }),
  z.object({ kind: z.literal('saved'), file: z.string() }),
  z.object({ kind: z.literal('refusing') }),
]);
export type ReceiverReport = z.infer<typeof receiverReportSchema>;

/** Asked of the receiver process. */
export const receiverOrderSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('save'), file: z.string() }),
  z.object({ kind: z.literal('refuse'), endpoints: z.array(z.number()), status: z.int().min(400).max(599) }),
  z.object({ kind: z.literal('quit') }),
]);
export type ReceiverOrder = z.infer<typeof receiverOrderSchema>;

/** Set in an arrival's tag when the receiver refused it on purpose; the rest of the tag is the endpoint's number. */
export const REFUSED_FLAG = 0x80_00;
