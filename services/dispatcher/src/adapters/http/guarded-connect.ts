import { lookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';
import { type EgressPolicy, whyForbidden } from '@waybill/egress';

/** One answer of a resolver. */
export interface ResolvedAddress {
  readonly address: string;
  readonly family: number;
}

/** Resolves a host name to all its addresses. */
export type Resolve = (hostname: string) => Promise<readonly ResolvedAddress[]>;

/** The resolver of the operating system: the hosts file counts, and all addresses are given. */
export const systemResolve: Resolve = (hostname) => lookup(hostname, { all: true, verbatim: true });

/** The egress guard refused an address. */
export class EgressDenied extends Error {
  override readonly name = 'EgressDenied';
}

/** The host name has no address, or none could be found out. */
export class NameUnresolved extends Error {
  override readonly name = 'NameUnresolved';
}

export interface ConnectOptions {
  readonly policy: EgressPolicy;
  readonly resolve: Resolve;
  readonly timeoutMs: number;
  /** Further trusted certificates, PEM; absent: those of Node. */
  readonly ca?: string | undefined;
}

/** How long one of several addresses is tried before the next one, in ms. */
const NEXT_ADDRESS_MS = 1_000;

/**
 * Opens the connections of the client. Addresses are judged inside the lookup of the very connect call that uses them, so no second answer can
 * slip in between; if any answer is forbidden the whole name is refused. Literal addresses never reach a lookup and are judged first.
 */
export function guardedConnector({ policy, resolve, timeoutMs, ca }: ConnectOptions): buildConnector.connector {
  const connect = buildConnector({
    allowH2: false,
    timeout: timeoutMs,
    lookup: judgedLookup(policy, sharingAnswers(resolve)),
    autoSelectFamilyAttemptTimeout: NEXT_ADDRESS_MS,
    ...(ca === undefined ? {} : { ca }),
  });
  return (options, callback) => {
    const denial = isIP(options.hostname) === 0 ? undefined : judge(options.hostname, policy);
    if (denial !== undefined) return callback(denial, null);
    return connect(options, callback);
  };
}

function judge(address: string, policy: EgressPolicy): EgressDenied | undefined {
  const why = policy.guard === 'off' ? undefined : whyForbidden(address, policy.allowed);
  return why === undefined ? undefined : new EgressDenied(`${address} is ${why}`);
}

function judgedLookup(policy: EgressPolicy, resolve: Resolve): LookupFunction {
  const judged = async (hostname: string): Promise<{ address: string; family: number }[]> => {
    const answers = await resolve(hostname);
    for (const { address } of answers) {
      const denial = judge(address, policy);
      if (denial !== undefined) throw denial;
    }
    return answers.map(({ address, family }) => ({ address, family }));
  };
  return (hostname, { all }, callback) => {
    judged(hostname).then(
      (answers) => {
        const [first] = answers;
        if (first === undefined) callback(new NameUnresolved(`${hostname} has no address`), []);
        else if (all === true) callback(null, answers);
        else callback(null, first.address, first.family);
      },
      (error: unknown) =>
        callback(error instanceof EgressDenied ? error : new NameUnresolved(`${hostname}: ${String(error)}`, { cause: error }), []),
    );
  };
}

/** Questions that are being asked are not asked twice: twenty connections to one dead name must not hold twenty resolver threads. */
function sharingAnswers(resolve: Resolve): Resolve {
  const asked = new Map<string, ReturnType<Resolve>>();
  return (hostname) => {
    const answer = asked.get(hostname) ?? resolve(hostname).finally(() => asked.delete(hostname));
    asked.set(hostname, answer);
    return answer;
  };
}
