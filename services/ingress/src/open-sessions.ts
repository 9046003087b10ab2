import { randomBytes } from 'node:crypto';
import { WaybillError } from '@waybill/contracts';
import type { RegistryView } from '@waybill/transport';
import type { SessionPorts } from './application/access/sign-in.ts';
import type { IngressConfig } from './config.ts';
import { KeyRing } from './domain/access/key-ring.ts';
import { SessionLinks } from './domain/access/session-links.ts';
import { RateLimiter } from './domain/rate-limiter.ts';
import type { IngressParts } from './ingress.ts';

const FAILURES_PER_MINUTE = 10;

/** Reads the keys. Throws WB_CONFIG_INVALID when two roles have the same one: it would be the key of the greater. */
export function keyRingOf(config: IngressConfig): KeyRing {
  const { MANAGEMENT_API_KEY: admin, OPERATOR_API_KEY: operator, VIEWER_API_KEY: viewer } = config;
  const given = [admin, operator, viewer].filter((key) => key !== undefined);
  if (new Set(given).size < given.length)
    throw new WaybillError('WB_CONFIG_INVALID', 'MANAGEMENT_API_KEY, OPERATOR_API_KEY, VIEWER_API_KEY: use a key of its own for each role');
  return new KeyRing({ admin, operator, viewer });
}

export function openSessions({ config, deployment, keys, nowMs }: IngressParts, registry: RegistryView): SessionPorts {
  const { region } = deployment;
  return {
    region,
    keys,
    links: new SessionLinks(() => randomBytes(32).toString('base64url')),
    failures: new RateLimiter(FAILURES_PER_MINUTE),
    publicUrl: () => config.PUBLIC_URL ?? registry.regionUrl(region),
    nowMs,
  };
}
