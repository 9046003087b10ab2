import type { Tokens } from '../auth/tokens.ts';
import type { Faults } from '../faults/faults.ts';
import type { Hooks } from '../hooks/hooks.ts';
import type { RunLife } from '../hooks/run-life.ts';
import type { FakeApp, Profile } from '../options.ts';
import type { RateLimits } from '../server/rate-limits.ts';
import type { Ledger } from '../state/ledger.ts';
import type { World } from '../state/world.ts';

/** What the fake consists of, for the routes. */
export interface Parts {
  readonly app: FakeApp;
  readonly profile: Profile;
  readonly world: World;
  readonly tokens: Tokens;
  readonly hooks: Hooks;
  readonly life: RunLife;
  readonly ledger: Ledger;
  readonly faults: Faults;
  readonly limits: RateLimits;
}
