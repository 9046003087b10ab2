import type { World } from '../state/world.ts';

const HOUR_MS = 3_600_000;

/** The primary rate limit of each installation, which starts anew every hour. */
export class RateLimits {
  readonly limit: number;
  private readonly world: World;
  private readonly used = new Map<string, { count: number; resetAtMs: number }>();

  constructor(world: World, limit: number) {
    this.world = world;
    this.limit = limit;
  }

  /** Counts a call; false when the limit was reached before it. */
  spend(installationId: string): boolean {
    const window = this.window(installationId);
    window.count += 1;
    return window.count <= this.limit;
  }

  /** A 304 costs nothing. */
  giveBack(installationId: string): void {
    this.window(installationId).count -= 1;
  }

  /** What `/rate_limit` says. */
  state(installationId: string): { limit: number; remaining: number; reset: number; used: number } {
    const { count, resetAtMs } = this.window(installationId);
    return { limit: this.limit, remaining: Math.max(0, this.limit - count), reset: Math.ceil(resetAtMs / 1000), used: count };
  }

  headers(installationId: string): Record<string, string> {
    const { limit, remaining, reset, used } = this.state(installationId);
    return {
      'x-ratelimit-limit': String(limit),
      'x-ratelimit-remaining': String(remaining),
      'x-ratelimit-reset': String(reset),
      'x-ratelimit-used': String(used),
      'x-ratelimit-resource': 'core',
    };
  }

  private window(installationId: string): { count: number; resetAtMs: number } {
    const now = this.world.now();
    const known = this.used.get(installationId);
    if (known !== undefined && known.resetAtMs > now) {
      return known;
    }
    const window = { count: 0, resetAtMs: now + HOUR_MS };
    this.used.set(installationId, window);
    return window;
  }
}
