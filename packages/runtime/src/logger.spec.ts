import { describe, expect, it } from 'vitest';
import { createLogger } from './logger.ts';

const SECRET = 's3cr3t';

function logged(fields: object, message?: string): string {
  const lines: string[] = [];
  createLogger({ service: 'planner', region: 'eu', level: 'info' }, { write: (line) => void lines.push(line) }).info(fields, message);
  return lines.join('');
}

describe('lines', () => {
  it('name the service and the region, and keep what is no secret', () => {
    const line: unknown = JSON.parse(logged({ event: 'x', keys: 3, nested: { list: [{ a: null }], at: new Date(0) } }, 'said'));
    const fields = { event: 'x', keys: 3, nested: { list: [{ a: null }], at: '1970-01-01T00:00:00.000Z' } };
    expect(line).toMatchObject({ level: 'info', service: 'planner', region: 'eu', msg: 'said', ...fields });
  });

  it.each([
    { secret: SECRET },
    { secrets: [SECRET] },
    { a: { password: SECRET } },
    { headers: { Authorization: SECRET, 'set-cookie': [SECRET], cookie: SECRET, 'X-Api-Key': SECRET } },
    { a: { b: { token: SECRET, key: SECRET, privateKey: SECRET, private_key: SECRET, signature: SECRET } } },
    { a: [{ b: [{ password: SECRET }] }] },
    { a: { b: { c: { d: { e: { f: { g: SECRET } } } } } } },
    { detail: `nats://user:${SECRET}@eu:4222 is away` },
    { detail: `nats://user:p@ss${SECRET}@eu:4222 is away` },
    { detail: `nats://user:${SECRET}@word@eu:4222 is away` },
    { detail: `sent Bearer ${SECRET}` },
    { detail: `sent Basic ${SECRET}` },
    { detail: `signed with whsec_${SECRET}, asked with ghs_${SECRET} and github_pat_${SECRET}` },
    {
      a: {
        apiKey: SECRET,
        accessToken: SECRET,
        client_secret: SECRET,
        NATS_PASSWORD: SECRET,
        REGION_SHARED_KEY: SECRET,
        signingKey: SECRET,
      },
    },
    { headers: { 'webhook-signature': SECRET, 'X-Hub-Signature-256': SECRET } },
    { a: { toJSON: () => ({ token: SECRET }) } },
    { body: Buffer.from(SECRET), view: new Uint8Array(3) },
  ])('hold no secret: %o', (fields) => {
    const line = logged(fields);
    expect(line).toContain('[cut]');
    expect(line).not.toContain(SECRET);
  });

  it.each(['err', 'error'])('tell of an error under %s what it says itself, and not what it carries', (name) => {
    const cause = Object.assign(new Error(`connect https://u:${SECRET}@host/`), {
      code: 'ECONNREFUSED',
      headers: { authorization: SECRET },
    });
    const request = { options: { headers: { 'x-custom': SECRET } } };
    const error = Object.assign(new TypeError('fetch failed', { cause }), { request, body: SECRET });
    const line = logged({ [name]: error });
    expect(line).not.toContain(SECRET);
    expect(JSON.parse(line)).toMatchObject({
      [name]: {
        type: 'TypeError',
        message: 'fetch failed',
        stack: expect.stringContaining('logger.spec'),
        cause: { message: 'connect https://[cut]@host/', code: 'ECONNREFUSED' },
      },
    });
  });

  it('take an error alone, several in one, and one that is its own cause', () => {
    const round = new Error('round');
    round.cause = round;
    const line: unknown = JSON.parse(logged(new AggregateError([round, new Error('second')], 'both')));
    expect(line).toMatchObject({ err: { message: 'both', errors: [{ message: 'round' }, { message: 'second' }] } });
  });

  it('are written whatever cannot be read of them', () => {
    const broken = {
      get secretly(): string {
        throw new Error('no');
      },
    };
    const round: Record<string, unknown> = { broken };
    round['round'] = round;
    const line: unknown = JSON.parse(logged({ event: 'x', broken, round, many: 1n }));
    expect(line).toMatchObject({ event: 'x', broken: '[cut]', round: { round: { broken: '[cut]' } } });
  });
});
