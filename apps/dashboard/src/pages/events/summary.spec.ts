import { describe, expect, it } from 'vitest';
import { deliveryWords } from './delivery-words.ts';
import { readEvent } from './event-story.ts';
import { aDelivery, aStory, attemptAt, isoAt, START_MS } from './story.fixture.ts';
import { summaryOf } from './summary.ts';

describe('summaryOf', () => {
  const other = { id: 'ep_2', url: 'https://other.example/in', disabled: null };

  it('tells the worst first, and where', () => {
    const story = aStory([
      aDelivery({ state: 'delivered' }),
      aDelivery({ state: 'dead_lettered', endpoint: other }),
      aDelivery({ state: 'retrying' }),
    ]);
    expect(summaryOf(story, START_MS)).toMatchObject({ tone: 'bad', title: 'Not delivered to other.example/in' });
  });

  it('says why', () => {
    const history = [attemptAt(0), attemptAt(200, { attempt: 2, outcome: 'rejected', httpStatus: 500 })];
    const failed = aDelivery({ state: 'dead_lettered', endReason: 'attempts_exhausted', history });
    expect(summaryOf(aStory([failed]), START_MS).next).toMatch(/^Tried twice; the last time the receiver answered 500\./);
    expect(summaryOf(aStory([{ ...failed, endReason: 'skipped' }]), START_MS).next).toContain('An operator gave it up.');
  });

  it.each([
    [aStory([], { state: 'unmatched', plans: [] }), 'off', 'Nobody wanted it'],
    [
      aStory([], { state: 'unmatched', dispatch: { state: 'skipped', repository: 'acme/shop', workflow: 'ci.yml' } }),
      'off',
      'No workflow was dispatched for this run',
    ],
    [aStory([], { state: 'accepted', plans: [] }), 'busy', 'Accepted, not planned yet'],
    [aStory([], { state: 'refused', verdict: 'reader_too_old' }), 'bad', 'Set aside: reader too old'],
    [aStory([aDelivery({ state: 'delivered' })]), 'good', 'Delivered'],
    [aStory([aDelivery({ state: 'superseded' }), aDelivery({ state: 'delivered' })]), 'good', 'Delivered'],
    [aStory([aDelivery()]), 'busy', 'On its way'],
  ])('%#: has a word for every state of an event', (story, tone, title) => {
    expect(summaryOf(story, START_MS)).toMatchObject({ tone, title });
  });
});

describe('deliveryWords', () => {
  it('says what the receiver did, and when the next attempt comes', () => {
    const delivery = aDelivery({ state: 'retrying', history: [attemptAt(0)], nextAttemptAt: isoAt(90_000) });
    expect(deliveryWords(delivery, START_MS + 30_000)).toEqual({
      what: 'Tried once; the last time the receiver answered 503.',
      next: 'Attempt 2 comes by itself in 1 min.',
    });
    expect(deliveryWords(delivery, START_MS + 150_000).next).toMatch(/^Attempt 2 was due 1 min ago: /);
  });

  it('says what to do about a dead letter', () => {
    const history = [attemptAt(0), attemptAt(200, { attempt: 2, outcome: 'rejected', httpStatus: 401 })];
    const { what, next } = deliveryWords(aDelivery({ state: 'dead_lettered', endReason: 'attempts_exhausted', history }), START_MS);
    expect(what).toBe('Tried twice; the last time the receiver answered 401.');
    expect(next).toMatch(/secret.*Then try it again\.$/);
  });
});

describe('readEvent', () => {
  it('leaves the payload as it came in', () => {
    const payload = '{"data":1.0,"n":12345678901234567890,"s":",\\"data\\":"}';
    const { story, payload: read } = readEvent(`{"id":"evt_1","detail":"a \\",\\"data\\":\\" in a text","data":${payload}}`);
    expect(story.id).toBe('evt_1');
    expect(read).toBe(payload);
  });

  it('refuses what has no payload', () => {
    expect(() => readEvent('{"id":"evt_1"}')).toThrow('no "data" member');
  });
});
