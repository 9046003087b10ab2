import { describe, expect, it } from 'vitest';
import { Lifecycle } from './lifecycle.ts';

describe('the lifecycle', () => {
  it('closes in the reverse order of creation, once', async () => {
    const closed: string[] = [];
    const lifecycle = new Lifecycle();
    for (const name of ['bus', 'publisher', 'registry']) lifecycle.own(name, name, (resource) => void closed.push(resource));
    await Promise.all([lifecycle.drain(1_000), lifecycle.drain(1_000)]);
    expect(closed).toEqual(['registry', 'publisher', 'bus']);
  });

  it('closes the others when one fails, and tells', async () => {
    const closed: string[] = [];
    const lifecycle = new Lifecycle();
    lifecycle.own('bus', 'bus', (name) => void closed.push(name));
    lifecycle.own('broken', 'broken', () => Promise.reject(new Error('stuck')));
    await expect(lifecycle.drain(1_000)).rejects.toThrow(/did not close/);
    expect(closed).toEqual(['bus']);
  });

  it('does not wait for what hangs longer than its budget', async () => {
    const lifecycle = new Lifecycle();
    let aborted = false;
    lifecycle.own('hangs', undefined, (_, signal) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      return new Promise<void>(() => undefined);
    });
    await lifecycle.drain(20);
    expect(aborted).toBe(true);
  });
});
