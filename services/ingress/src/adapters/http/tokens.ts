/** Injection tokens of the ingress: one for each use case or port that a controller is given. */
export const RECEIVE_WEBHOOK = Symbol('receive webhook');
export const SEND_EVENT = Symbol('send event');
export const TENANT_PORTS = Symbol('tenant ports');
export const ENDPOINT_PORTS = Symbol('endpoint ports');
export const TEST_ENDPOINT = Symbol('test endpoint');
export const SOURCE_PORTS = Symbol('source ports');
export const PAUSE_PORTS = Symbol('pause ports');
export const GITHUB = Symbol('github');
export const REGISTRY = Symbol('registry');
export const REGION_PORTS = Symbol('region ports');
export const ADDRESS_OF = Symbol('address of a region');
export const RECOVERY_PORTS = Symbol('recovery ports');
export const PROJECTOR = Symbol('projector');
export const BODIES_FOR_PEERS = Symbol('bodies for peers');
export const SESSION_PORTS = Symbol('session ports');
export const OPENAPI = Symbol('openapi');
