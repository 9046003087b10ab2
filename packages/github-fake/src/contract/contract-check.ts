import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import type { Exchange, Profile } from '../options.ts';
import { type Operation, type Schema, type Slice, readSlice } from './slice.ts';

/** What every refusal looks like, whether or not GitHub's description lists its status. */
const REFUSAL: Schema = {
  type: 'object',
  properties: { message: { type: 'string' }, documentation_url: { type: 'string' } },
  required: ['message'],
};

/**
 * Holds every exchange against GitHub's OpenAPI description (REST version 2026-03-10): pass `validate` to `GithubFake.start` and expect
 * `problems` to be empty. Of Enterprise Server 3.19 only the dispatch call is described. A request that the fake refused is not held against the description, only its refusal is.
 */
export class ContractCheck {
  /** What was not as GitHub describes it, in words; empty is good. */
  readonly problems: string[] = [];
  /** Operations seen, as `METHOD /path`. */
  readonly seen = new Set<string>();
  private readonly slice: Slice;
  private readonly profile: Profile;
  private readonly ajv = newAjv(false);
  /** Query values are text. */
  private readonly coercing = newAjv(true);
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(profile: Profile = 'github.com') {
    this.profile = profile;
    this.slice = readSlice(profile);
    this.ajv.addSchema({ $id: 'github', schemas: this.slice.schemas });
    this.coercing.addSchema({ $id: 'github', schemas: this.slice.schemas });
  }

  /** All operations of the description that the fake should serve. */
  get operations(): string[] {
    return [...this.slice.operations.keys()];
  }

  readonly validate = (exchange: Exchange): void => {
    const name = `${exchange.method} ${exchange.pattern}`;
    const operation = this.slice.operations.get(name);
    if (operation === undefined) {
      if (this.profile === 'github.com') {
        this.problems.push(`${name}: not in the description`);
      }
      return;
    }
    this.seen.add(name);
    if (exchange.status < 300) {
      this.request(name, operation, exchange);
    }
    this.response(name, operation, exchange);
  };

  /** Holds the body of a webhook (`workflow-run-completed`) against its description. */
  webhook(name: string, body: string): void {
    this.hold(`webhook ${name}`, this.slice.webhooks.get(name) ?? false, JSON.parse(body));
  }

  private request(name: string, operation: Operation, { query, requestBody }: Exchange): void {
    const querySchema = { type: 'object', properties: operation.query, additionalProperties: false };
    this.hold(`${name} query`, querySchema, { ...query }, this.coercing);
    if (operation.body !== null) {
      this.hold(`${name} request`, operation.body, requestBody ?? {});
    }
  }

  private response(name: string, operation: Operation, { status, responseText }: Exchange): void {
    const described = operation.responses[String(status)];
    if (described === undefined && status < 300) {
      this.problems.push(`${name}: status ${status} is not in the description`);
      return;
    }
    if (described === null || responseText === '') {
      return;
    }
    this.hold(`${name} ${status}`, described ?? REFUSAL, JSON.parse(responseText));
  }

  private hold(what: string, schema: Schema | boolean, value: unknown, ajv = this.ajv): void {
    const check = this.compiled.get(what) ?? ajv.compile(schema);
    this.compiled.set(what, check);
    if (!check(value)) {
      const errors = (check.errors ?? [])
        .slice(0, 5)
        .map(({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`);
      this.problems.push(`${what}: ${errors.join('; ')}`);
    }
  }
}

function newAjv(coerceTypes: boolean): Ajv {
  const ajv = new Ajv({ strict: false, coerceTypes });
  formats.default(ajv);
  return ajv;
}
