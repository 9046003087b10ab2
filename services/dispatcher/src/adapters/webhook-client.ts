import type { TenantId } from '@waybill/contracts';
import { type EgressPolicy, judgeUrl } from '@waybill/egress';
import type { OnCutOff } from '../application/attempt-ports.ts';
import type { FlatHeaders } from '../domain/webhook-headers.ts';
import type { Answer } from './http/exchange.ts';
import type { HttpTransport } from './http/http-transport.ts';

export interface WebhookClientOptions {
  /** Whose endpoint this is; the client reads no global. */
  readonly tenantId: TenantId;
  /** The region it sends from. */
  readonly region: string;
  readonly url: string;
  readonly policy: EgressPolicy;
  readonly transport: HttpTransport;
}

/** Sends to one endpoint of one tenant from one region. The URL is judged once; what it resolves to is judged at every connect. */
export class WebhookClient {
  readonly tenantId: TenantId;
  readonly region: string;
  readonly #transport: HttpTransport;
  readonly #destination: { origin: string; path: string } | { denial: Answer };

  constructor({ tenantId, region, url, policy, transport }: WebhookClientOptions) {
    this.tenantId = tenantId;
    this.region = region;
    this.#transport = transport;
    const verdict = judgeUrl(url, policy);
    this.#destination =
      verdict.kind === 'allowed'
        ? { origin: verdict.url.origin, path: verdict.url.pathname + verdict.url.search }
        : { denial: { kind: 'failed', reason: 'egress_denied', detail: verdict.why } };
  }

  /** Posts the body as it is. Never throws; a destination that is not allowed is answered without any connection. */
  async send(headers: FlatHeaders, body: Uint8Array, onCutOff: OnCutOff): Promise<Answer> {
    if ('denial' in this.#destination) return this.#destination.denial;
    return this.#transport.post({ ...this.#destination, headers, body, onCutOff });
  }
}
