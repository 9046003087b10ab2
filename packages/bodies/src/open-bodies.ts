import { z } from 'zod';
import { Bodies, type BodiesOptions } from './bodies.ts';
import { peerBodies, type PeerBodiesOptions } from './peer-bodies.ts';

/** Variables of every service that reads payloads of events. */
export const bodyVariables = {
  /** The same in all regions: with it they ask each other for large payloads. Unused with a single region. */
  REGION_SHARED_KEY: z.string().min(16, 'use at least 16 characters').optional(),
};

export type OpenBodiesOptions = Omit<BodiesOptions, 'askPeer'> & Pick<PeerBodiesOptions, 'key' | 'urlOf'>;

/** The large payloads as one process sees them. Nothing is to be closed. */
export const openBodies = (options: OpenBodiesOptions): Bodies => new Bodies({ ...options, askPeer: peerBodies(options) });
