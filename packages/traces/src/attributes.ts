import { WaybillError } from '@waybill/contracts';
import { z } from 'zod';

/** 64-bit numbers are texts in the JSON of OTLP, and may be numbers. */
export const int64 = z.union([z.string().regex(/^-?\d{1,20}$/), z.number().refine(Number.isInteger)]);

/** Values within values: deeper ones are refused, for reading them would take a call each. */
const MOST_LEVELS = 16;

const anyValue = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: int64.optional(),
  /** `NaN` and the infinities are texts. */
  doubleValue: z.union([z.number(), z.string()]).optional(),
  bytesValue: z.string().optional(),
  arrayValue: z.object({ values: z.array(z.unknown()).default([]) }).optional(),
  kvlistValue: z.object({ values: z.array(z.unknown()).default([]) }).optional(),
});
const keyValue = z.object({ key: z.string(), value: z.unknown() });

/** Attributes as they stand in a request: read by `attributesOf`. */
export const rawAttributes = z.array(z.unknown()).default([]);

/** Attributes by key; of a key that occurs twice the last one. Whole numbers that a number cannot hold stay texts, bytes are base64. Throws WB_BAD_REQUEST or what zod does. */
export function attributesOf(list: readonly unknown[], level = 0): Record<string, unknown> {
  return Object.fromEntries(
    list.map((one) => {
      const { key, value } = keyValue.parse(one);
      return [key, valueOf(value, level)];
    }),
  );
}

function valueOf(raw: unknown, level: number): unknown {
  if (level > MOST_LEVELS) throw new WaybillError('WB_BAD_REQUEST', `an attribute has more than ${MOST_LEVELS} levels`);
  const value = anyValue.parse(raw ?? {});
  if (value.intValue !== undefined) return wholeNumberOf(value.intValue);
  if (value.arrayValue !== undefined) return value.arrayValue.values.map((inner) => valueOf(inner, level + 1));
  if (value.kvlistValue !== undefined) return attributesOf(value.kvlistValue.values, level + 1);
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? value.bytesValue ?? null;
}

function wholeNumberOf(value: string | number): string | number {
  const asNumber = Number(value);
  return Number.isSafeInteger(asNumber) ? asNumber : value;
}
