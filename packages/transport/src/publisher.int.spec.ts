import { readFileSync } from 'node:fs';
import { ERRORS, HEADERS, recordedContext, subjects, traceparentOf } from '@waybill/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Bus, connectBus } from './bus.ts';
import { Publisher } from './publisher.ts';
import { scanStream } from './scan-stream.ts';
import { recorded } from './testing/recorded.ts';
import { eventually, provisionRegion, startRegion, type ThrowawayNats } from './testing/region.ts';

const subject = subjects.fact('local', 'g', 'event.accepted');
const message = (msgId: string): { subject: string; body: string; msgId: string } => ({ subject, body: '{}', msgId });

/** Stops a process and waits until it really stands still: the signal is acted on a moment after it was sent. */
async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') T '));
}

describe('publishing to a stream', () => {
  let nats: ThrowawayNats;
  let bus: Bus;
  let publisher: Publisher;

  beforeAll(async () => {
    nats = await startRegion('local');
  });
  afterAll(() => nats.cleanup());
  beforeEach(async () => {
    bus = await connectBus({ servers: nats.url, name: 'publisher-spec' });
    publisher = new Publisher(bus, { timeoutMs: 1_000 });
  });
  afterEach(async () => {
    publisher.close();
    await bus.close();
  });

  it('answers with the sequence, and recognises a Msg-Id it has seen', async () => {
    const first = await publisher.publish({ ...message('seen'), headers: { [HEADERS.idempotency]: 'k' } });
    const again = await publisher.publish(message('seen'));
    expect(first).toMatchObject({ stream: 'LOG_LOCAL', duplicate: false });
    expect(again).toEqual({ stream: 'LOG_LOCAL', seq: first.seq, duplicate: true });
    const stored: string[] = [];
    await scanStream(bus, { stream: 'LOG_LOCAL', subjects: [subject], fromSeq: first.seq }, (one) =>
      stored.push(one.header(HEADERS.idempotency)),
    );
    expect(stored).toEqual(['k']);
  });

  it("tells the publishing of what is traced, stores its place instead of the writer's, and counts what failed", async () => {
    const [{ spans, tracing }, failed] = [recorded(), new Array<string>()];
    const traced = new Publisher(bus, { tracing, region: 'eu', onFailed: (code) => void failed.push(code) });
    const writer = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16) };
    const headers = { [HEADERS.traceparent]: traceparentOf(writer) };
    const { seq } = await traced.publish({ ...message('traced'), headers });
    await traced.publish(message('untraced'));
    await expect(traced.publish({ subject: 'nobody.listens', body: '', msgId: 'x', headers })).rejects.toMatchObject({
      code: 'WB_NATS_AWAY',
    });
    traced.close();
    const about = { kind: 'producer', parent: writer, context: { traceId: writer.traceId } };
    expect(spans).toMatchObject([
      {
        ...about,
        name: 'publish event.accepted',
        error: undefined,
        attributes: { 'messaging.destination.name': 'LOG_LOCAL', 'cloud.region': 'eu' },
      },
      { ...about, name: 'publish message', error: 'WB_NATS_AWAY' },
    ]);
    expect(failed).toEqual(['WB_NATS_AWAY']);
    const stored: unknown[] = [];
    await scanStream(bus, { stream: 'LOG_LOCAL', subjects: [subject], fromSeq: seq }, (one) =>
      stored.push(recordedContext(one.header(HEADERS.traceparent))),
    );
    expect(stored).toEqual([spans[0]?.context, undefined]);
  });

  it('gives each of many at once its own ack', async () => {
    const stored = await Promise.all(Array.from({ length: 2_000 }, (_, index) => publisher.publish(message(`many-${index}`))));
    expect(new Set(stored.map(({ seq }) => seq)).size).toBe(2_000);
    expect(publisher.pending).toBe(0);
  });

  it('says at once when no stream takes the subject', async () => {
    await expect(publisher.publish({ ...message('x'), subject: 'nowhere.at.all' })).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
  });

  it('sheds when too many wait', async () => {
    const narrow = new Publisher(bus, { maxPending: 1 });
    const first = narrow.publish(message('narrow-1'));
    await expect(narrow.publish(message('narrow-2'))).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
    await first;
    narrow.close();
  });

  it('says that the log is full, and stores again when there is room', async () => {
    await provisionRegion(nats.url, 'full', { logMaxBytes: 2_000 });
    const full = { subject: subjects.fact('full', 'g', 'event.accepted'), body: 'x'.repeat(900) };
    const refused = await Promise.allSettled([1, 2, 3].map((index) => publisher.publish({ ...full, msgId: `full-${index}` })));
    expect(refused.at(-1)).toMatchObject({ status: 'rejected', reason: { code: 'WB_LOG_FULL' } });
    expect(ERRORS.WB_LOG_FULL.status).toBe(503);
    await provisionRegion(nats.url, 'full', { logMaxBytes: 20_000 });
    await expect(publisher.publish({ ...full, msgId: 'full-4' })).resolves.toMatchObject({ duplicate: false });
  });

  it('gives up when the server hangs, fails fast while it is away, and works again when it is back', async () => {
    await freeze(nats.pid);
    const hanging = publisher.publish(message('hang'));
    await expect(hanging).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
    process.kill(nats.pid, 'SIGCONT');
    await nats.kill();
    await eventually(() => !bus.isUp());
    await expect(publisher.publish(message('away'))).rejects.toMatchObject({ code: 'WB_NATS_AWAY' });
    await nats.restart();
    await eventually(() => bus.isUp());
    await eventually(async () => (await publisher.publish(message('back')).catch(() => undefined)) !== undefined);
  });

  it('rejects what is in flight when the connection is lost', async () => {
    await freeze(nats.pid);
    const patient = new Publisher(bus, { timeoutMs: 60_000 });
    const inFlight = patient.publish(message('in-flight'));
    const [outcome] = await Promise.all([Promise.allSettled([inFlight]), nats.kill()]);
    expect(outcome).toMatchObject([{ status: 'rejected', reason: { code: 'WB_NATS_AWAY' } }]);
    patient.close();
    await nats.restart();
  });
});
