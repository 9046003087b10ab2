export { Bodies, type BodyOutcome, type HeldBody } from './bodies.ts';
export { ByteBudget } from './byte-budget.ts';
export { MAX_BODY_BYTES, ObjectBucket } from './object-bucket.ts';
export { bodyVariables, openBodies } from './open-bodies.ts';
export { isSigned, PEER_HEADERS } from './peer-signature.ts';
