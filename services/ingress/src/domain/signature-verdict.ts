/** Why a request's signature was not accepted; `code` is the public error code, `detail` never holds a secret. */
export interface SignatureRefusal {
  readonly code: 'WB_SIGNATURE_MISSING' | 'WB_SIGNATURE_INVALID' | 'WB_TIMESTAMP_STALE';
  readonly detail: string;
}

/** What a signature check may look at. `header` takes a lower-case name; `body` is the raw request body. */
export interface SignedRequest {
  readonly header: (name: string) => string | undefined;
  readonly body: Uint8Array;
  readonly nowMs: number;
}

/** Undefined means: the signature is good. */
export type SignatureVerdict = SignatureRefusal | undefined;

export const missing = (header: string): SignatureRefusal => ({ code: 'WB_SIGNATURE_MISSING', detail: `the header ${header} is missing` });
export const invalid = (detail: string): SignatureRefusal => ({ code: 'WB_SIGNATURE_INVALID', detail });
