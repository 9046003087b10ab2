/** When a region counts as overloaded and hands new work on: any one of the three being reached is enough. */
export interface SpilloverThresholds {
  /** Deliveries waiting in the region; 1 or more. */
  readonly queueDepth: number;
  /** Attempts in flight as percent of what may be in flight; 1 to 100. */
  readonly concurrencyPercent: number;
  /** Failed attempts as a share of all; 0 to 1. */
  readonly errorRate: number;
}

/** One entry of REGIONS_CONFIG, checked, with its credential resolved. Optional settings that were not given are undefined. */
export interface RegionConfig {
  /** Label in subjects, logs and metrics; the JetStream domain of the region. */
  readonly id: string;
  /** NATS server URLs of the region, separated by commas. */
  readonly host: string;
  /** The cloud's name for the region, such as `europe-west1`. */
  readonly region: string;
  /** The resolved credential for `host`; a secret. Read it through `credentialOf`. */
  readonly key: string;
  /** Where events go whose tenant has no endpoint of its own in this region; undefined only for a legacy single region. */
  readonly webhookUrl?: string;
  readonly pollIntervalMs?: number;
  readonly maxRetriesPerPoll?: number;
  readonly requestTimeoutMs?: number;
  /** 1 is the primary region; no two regions have the same. */
  readonly priority?: number;
  readonly rateLimitPerSecond?: number;
  readonly spillover: SpilloverThresholds;
}
