import type { Payload } from '../domain/parse-payload.ts';
import type { Wanted } from '../domain/parse-wanted.ts';

/** Parses a raw body and gives at least what is wanted of it. Throws WB_MALFORMED_JSON, WB_JSON_TOO_DEEP, WB_DUPLICATE_KEY, WB_BODY_TOO_LARGE. */
export type ParseBody = (body: Buffer, wanted: Wanted) => Payload | Promise<Payload>;
