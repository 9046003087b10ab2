import type { OutgoingMessage, Publish } from '@waybill/transport';
import { expect, it } from 'vitest';
import { publishInTurns } from './publish-in-turns.ts';

const message = (msgId: string): OutgoingMessage => ({ subject: 's', body: '', msgId });

it('hands on what was asked in one turn together and in order, each with its own answer', async () => {
  const turns: string[][] = [];
  const publish: Publish = async ({ msgId }) => {
    const turn = turns.at(-1) ?? [];
    turn.push(msgId);
    if (msgId === 'b') throw new Error('refused');
    return { stream: 'LOG', seq: turn.length, duplicate: false };
  };
  const inTurns = publishInTurns(publish);
  turns.push([]);
  const first = Promise.allSettled([inTurns(message('a')), inTurns(message('b')), Promise.resolve().then(() => inTurns(message('c')))]);
  expect(turns).toEqual([[]]);
  const outcomes = await first;
  turns.push([]);
  await inTurns(message('d'));
  expect(turns).toEqual([['a', 'b', 'c'], ['d']]);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
});
