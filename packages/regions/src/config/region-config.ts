/** A region that reaches one of these counts as overloaded and hands new work on. */
export interface SpilloverThresholds {
  /** Deliveries that wait in the region; at least 1. */
  readonly queueDepth: number;
  /** Attempts in flight in percent of those that may be; 1 to 100. */
  readonly concurrencyPercent: number;
  /** Failed attempts as a share of all; 0 to 1. */
  readonly errorRate: number;
}

/** One region as REGIONS_CONFIG declares it: checked, defaults of `spillover` filled in, the credential resolved. What was not given is absent. */
export interface RegionConfig {
  /** Label in subjects, logs and metrics, and the region's JetStream domain. */
  readonly id: string;
  /** The region's NATS server, or several separated by commas. */
  readonly host: string;
  /** The cloud's name for the region, as in `europe-west1`. */
  readonly region: string;
  /** The credential for `host`, a secret; empty: none is needed. Use it through `credentialOf`. */
  readonly key: string;
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

/** The credential of a region: `user:password` gives both (parted at the first colon), everything else is a token; an empty key gives neither. */
export function credentialOf({ key, user }: Pick<RegionConfig, 'key' | 'user'>): Credential {
  if (user !== undefined) return { user, password: key };
  if (key === '') return {};
  const colon = key.indexOf(':');
  return colon > 0 ? { user: key.slice(0, colon), password: key.slice(colon + 1) } : { token: key };
}
