import { type Deployment, HUB, inboxPrefix, passwordKey } from '@waybill/nats-server';
import type { Bus } from '@waybill/transport';
import { WaybillError } from '@waybill/contracts';

/** A user of a server with its password. */
export interface Credential {
  readonly user: string;
  readonly password: string;
}

/** All NATS servers of an installation, and how to log in there. */
export interface Installation {
  readonly deployment: Deployment;
  /** The credential of a user at a region, or at the hub (`hub`); undefined where servers have no users. Throws when its password is not known. */
  readonly login: (place: string, user: string) => Credential | undefined;
}

/** The places of an installation: the hub, where there is one, then the regions. */
export const placesOf = ({ hub, regions }: Deployment): string[] => [...(hub.length === 0 ? [] : [HUB]), ...regions.map(({ id }) => id)];

/** The credential of a user; a password that is the name of a variable is taken from `env`. Throws WB_CONFIG_INVALID when there is none. */
export function credentialAt({ passwords }: Deployment, place: string, user: string, env: NodeJS.ProcessEnv = {}): Credential {
  const key = passwordKey(place, user);
  const written = passwords[key];
  if (written === undefined) throw new WaybillError('WB_CONFIG_INVALID', `the deployment has no password "${key}"; add it`);
  if (typeof written === 'string') return { user, password: written };
  const password = env[written.env] ?? '';
  if (password !== '') return { user, password };
  throw new WaybillError('WB_CONFIG_INVALID', `the password "${key}" is in the variable ${written.env}, which is not set; set it`);
}

/** Whom to connect as, and for how long to try. */
export interface ConnectAs {
  readonly place: string;
  readonly user: string;
  /** Only to this server of the place, counted from 0; absent: to any of them. */
  readonly server?: number;
  readonly onWaiting?: (detail: string) => void;
  /** Ends the wait for the first connection. */
  readonly signal?: AbortSignal;
}

/** A connection to a place of an installation; waits for it as `connectBus` does. */
export async function connectTo({ deployment, login }: Installation, as: ConnectAs): Promise<Bus> {
  const { place, user, server, onWaiting, signal } = as;
  const all = place === HUB ? deployment.hub : (deployment.regions.find(({ id }) => id === place)?.servers ?? []);
  const servers = server === undefined ? all : all.slice(server, server + 1);
  const { connectBus } = await import('@waybill/transport');
  return connectBus({
    servers: servers.map(({ host, port }) => `nats://${host.includes(':') ? `[${host}]` : host}:${port}`).join(','),
    name: `waybill-${user}`,
    inboxPrefix: inboxPrefix(place, user),
    ...login(place, user),
    ...(onWaiting === undefined ? {} : { onWaiting }),
    ...(signal === undefined ? {} : { signal }),
  });
}
