import { WaybillError } from '@waybill/contracts';
import type { z } from 'zod';

/** One field that does not fit; `path` is dotted, empty for the body as a whole. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

function fieldErrors(issue: z.core.$ZodIssue): FieldError[] {
  const path = issue.path.map(String);
  if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
  return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'this field is not known' }));
}

/** A schema violation that names each field. */
export function schemaViolation(errors: readonly FieldError[]): WaybillError {
  const named = errors.map(({ path, message }) => `${path === '' ? 'the body' : path}: ${message}`);
  return new WaybillError('WB_SCHEMA_VIOLATION', named.join('; '), { extra: { errors } });
}

/** Parses what came in with its schema. Throws WB_SCHEMA_VIOLATION with `errors: [{ path, message }]`. */
export function parseWith<S extends z.ZodType>(schema: S, value: unknown): z.output<S> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw schemaViolation(parsed.error.issues.flatMap(fieldErrors));
}
