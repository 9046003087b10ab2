import { afterAll, describe, expect, it } from 'vitest';
import { ParseThread } from './parse-thread.ts';

const thread = new ParseThread();
afterAll(() => thread.close());

describe('the thread that parses', () => {
  it('answers each with what was asked, in whatever order they come', async () => {
    const bodies = Array.from({ length: 5 }, (_, n) => Buffer.from(`{"type":"t${n}","data":[${n}]}`));
    const parsed = await Promise.all(bodies.map((body) => thread.parse(body, { member: 'data' })));
    expect(parsed.map(({ value }) => value)).toEqual(bodies.map((_, n) => ({ type: `t${n}`, data: null })));
    expect(parsed[3]?.range).toEqual({ start: 20, end: 23 });
  });

  it('refuses in the same words as the serving thread, and goes on', async () => {
    await expect(thread.parse(Buffer.from('{"a":}'), {})).rejects.toMatchObject({ code: 'WB_MALFORMED_JSON', extra: { position: 5 } });
    expect((await thread.parse(Buffer.from('{"type":"x"}'), { paths: ['type'] })).value).toEqual({ type: 'x' });
  });

  it('is made anew after it died', async () => {
    const lost = thread.parse(Buffer.from(`[${'{},'.repeat(500_000)}{}]`), {});
    await new Promise((resolve) => setImmediate(resolve));
    await thread.close();
    await expect(lost).rejects.toMatchObject({ code: 'WB_BODY_TOO_LARGE' });
    expect((await thread.parse(Buffer.from('{"type":"x"}'), { paths: ['type'] })).value).toEqual({ type: 'x' });
  });
});
