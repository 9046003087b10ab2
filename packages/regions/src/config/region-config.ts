import { WaybillError } from '@waybill/contracts';
import { resolveKey } from './key-reference.ts';

/** A region that reaches one of these counts as overloaded and hands new work on. */
export interface SpilloverThresholds {
  /** Deliveries that wait in the region; at least 1. */
  readonly queueDepth: number;
  /** Attempts in flight in percent of those that may be; 1 to 100. */
  readonly concurrencyPercent: number;
  /** Failed attempts as a share of all; 0 to 1. */
  readonly errorRate: number;
}

/** A key that was not looked up when the declaration was read, for this process does not belong to its region. */
export interface KeyElsewhere {
  /** `env:NAME` or `file:PATH`. */
  readonly reference: string;
  /** Where it is declared: `REGIONS_CONFIG, entry 2 (europe-west1)`. */
  readonly declaredAt: string;
}

/** One region as REGIONS_CONFIG declares it: checked, defaults of `spillover` filled in. What was not given is absent. */
export interface RegionConfig {
  /** Label in subjects, logs and metrics, and the region's JetStream domain. */
  readonly id: string;
  /** The region's NATS server, or several separated by commas. */
  readonly host: string;
  /** The cloud's name for the region, as in `europe-west1`. */
  readonly region: string;
  /** The credential for `host`, a secret; empty: none is needed. Use it through `credentialOf`, which looks up what was not yet. */
  readonly key: string | KeyElsewhere;
  /** NATS_USER of a single-region setup. */
  readonly user?: string | undefined;
  /** Where events go whose tenant has no endpoint of its own here; always given in REGIONS_CONFIG, never in a single-region setup. */
  readonly webhookUrl?: string | undefined;
  /** Wait of one pull, in ms; 100 to 600,000. */
  readonly pollIntervalMs?: number | undefined;
  /** Failed pulls in a row before the region's worker reports itself unhealthy; 0 to 1,000. */
  readonly maxRetriesPerPoll?: number | undefined;
  /** Time for one delivery, answer body included, in ms; 100 to 120,000. */
  readonly requestTimeoutMs?: number | undefined;
  /** 1 is the primary region; no two regions have the same; 1 to 1,000. */
  readonly priority?: number | undefined;
  /** Attempts that may start per second in the whole region; above 0. */
  readonly rateLimitPerSecond?: number | undefined;
  readonly spillover: SpilloverThresholds;
}

/** How to log in at a region's NATS: user and password, a token, or nothing. */
export interface Credential {
  readonly user?: string;
  readonly password?: string;
  readonly token?: string;
}

/**
 * The credential of a region: `user:password` gives both (parted at the first colon), everything else is a token; an empty key gives neither.
 * Throws WB_CONFIG_INVALID with the entry, the field and the remedy when the key refers to what is not there; `env` is where `env:NAME` is looked up.
 */
export function credentialOf({ key, user }: Pick<RegionConfig, 'key' | 'user'>, env: NodeJS.ProcessEnv = process.env): Credential {
  const secret = typeof key === 'string' ? key : lookedUp(key, env);
  if (user !== undefined) return { user, password: secret };
  if (secret === '') return {};
  const colon = secret.indexOf(':');
  return colon > 0 ? { user: secret.slice(0, colon), password: secret.slice(colon + 1) } : { token: secret };
}

function lookedUp({ reference, declaredAt }: KeyElsewhere, env: NodeJS.ProcessEnv): string {
  const found = resolveKey(reference, env);
  if ('secret' in found) return found.secret;
  throw new WaybillError('WB_CONFIG_INVALID', `${declaredAt}, key: ${found.problem}`);
}
