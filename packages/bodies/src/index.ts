export { Bodies, type BodiesOptions, type BodyOutcome, type HeldBody } from './bodies.ts';
export { ByteBudget } from './byte-budget.ts';
export { MAX_BODY_BYTES } from './object-bucket.ts';
export { type AskPeer, peerBodies, type PeerBodiesOptions } from './peer-bodies.ts';
export { isSigned, PEER_HEADERS } from './peer-signature.ts';
