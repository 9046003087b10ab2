import { describe, expect, it } from 'vitest';
import { Health } from './health.ts';

describe('health', () => {
  it('is ready when every dependency is, and names each', () => {
    const health = new Health();
    let up = true;
    health.declare('nats', () => (up ? { ok: true } : { ok: false, detail: 'waiting' }));
    health.declare('registry', () => ({ ok: true }));
    expect(health.report()).toEqual({ status: 'ready', dependencies: { nats: { ok: true }, registry: { ok: true } } });
    up = false;
    expect(health.report()).toMatchObject({ status: 'not_ready', dependencies: { nats: { ok: false, detail: 'waiting' } } });
  });

  it('names what does not decide, and is ready without it', () => {
    const health = new Health();
    health.declare('nats', () => ({ ok: true }));
    health.declare('region us', () => ({ ok: false, detail: 'away' }), { decides: false });
    expect(health.report()).toEqual({ status: 'ready', dependencies: { nats: { ok: true }, 'region us': { ok: false, detail: 'away' } } });
  });

  it('takes a check that throws for a dependency that is away', () => {
    const health = new Health();
    health.declare('database', () => {
      throw new Error('refused');
    });
    expect(health.report()).toEqual({ status: 'not_ready', dependencies: { database: { ok: false, detail: 'refused' } } });
  });
});
