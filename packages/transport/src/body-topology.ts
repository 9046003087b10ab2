import { DiscardPolicy, RetentionPolicy, type StreamConfig } from '@nats-io/jetstream';
import { BODY_PART_BYTES, type BodyBucket, bodySubjects } from '@waybill/contracts';

const GIB = 1_073_741_824;
/**
 * A payload is stored once for all events that carry it, and the clock of its age does not start anew within a day (see @waybill/bodies). So much longer
 * it is kept than a fact: a day for that, and three for the retries of what is planned in the last moment.
 */
const BODY_MARGIN_MS = 4 * 86_400_000;

type BodyStream = Partial<StreamConfig> & Pick<StreamConfig, 'name'>;

/** The bucket of what a region accepted; nothing of it is thrown away for want of room. `logAgeMs`: how long the LOG keeps facts, 0 for ever. */
export const ownBodies = (bucket: BodyBucket, logAgeMs: number, maxBytes = 16 * GIB): BodyStream => ({
  ...bodyStream(bucket, logAgeMs, maxBytes),
  description: 'large payloads of events that this region accepted',
  discard: DiscardPolicy.New,
});

/** The bucket of what a region fetched from others; the oldest go when it is full. */
export const bodyCopies = (bucket: BodyBucket, logAgeMs: number, maxBytes = 2 * GIB): BodyStream => ({
  ...bodyStream(bucket, logAgeMs, maxBytes),
  description: 'large payloads that were fetched from other regions',
  discard: DiscardPolicy.Old,
});

function bodyStream({ bucket, stream }: BodyBucket, logAgeMs: number, maxBytes: number): BodyStream {
  return {
    name: stream,
    subjects: bodySubjects(bucket).all,
    retention: RetentionPolicy.Limits,
    allow_rollup_hdrs: true,
    max_age: (logAgeMs === 0 ? 0 : logAgeMs + BODY_MARGIN_MS) * 1_000_000,
    // Not in bytes: the server would reserve them, and refuse the stream where the disk is smaller.
    max_msgs: maxBytes < 0 ? -1 : Math.max(2, Math.floor(maxBytes / BODY_PART_BYTES)),
  };
}
