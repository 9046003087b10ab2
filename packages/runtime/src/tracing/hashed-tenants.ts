import { hash } from 'node:crypto';
import type { TraceContext } from '@waybill/contracts';
import { ATTRIBUTES } from './span-names.ts';
import type { SpanRecord, Tracing } from './tracing.ts';

/** Enough to tell tenants apart. */
const HEX_DIGITS = 16;
export const hashedTenant = (id: string): string => hash('sha256', id).slice(0, HEX_DIGITS);

/** Records spans with a hash in the place of the tenant's id. It keeps ids out of a tracing backend; whoever has a list of tenants can find them in it all the same. */
export class HashedTenants implements Tracing {
  readonly isOn = true;
  readonly #tracing: Tracing;

  constructor(tracing: Tracing) {
    this.#tracing = tracing;
  }

  begin(traceId: string, always?: boolean): TraceContext | undefined {
    return this.#tracing.begin(traceId, always);
  }

  join(parent: TraceContext): TraceContext | undefined {
    return this.#tracing.join(parent);
  }

  childOf(parent: TraceContext | undefined): TraceContext | undefined {
    return this.#tracing.childOf(parent);
  }

  record(span: SpanRecord): void {
    const tenant = span.attributes?.[ATTRIBUTES.tenant];
    const attributes = { ...span.attributes, [ATTRIBUTES.tenant]: tenant === undefined ? undefined : hashedTenant(String(tenant)) };
    this.#tracing.record({ ...span, attributes });
  }

  close(): Promise<void> {
    return this.#tracing.close();
  }
}
