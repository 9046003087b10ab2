import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { baseConfigSchema, flag, loadConfig } from './config.ts';

describe('configuration', () => {
  it('has defaults for everything that every service reads', () => {
    expect(loadConfig(baseConfigSchema, {})).toMatchObject({
      REGION: 'local',
      NATS_URL: 'nats://127.0.0.1:4222',
      PORT: 0,
      EVENT_SCHEMA_VERSION: 3,
    });
  });

  it('accepts the names of earlier setups, and prefers the present ones', () => {
    const env = { REGION_HOST: 'nats://old:4222', REGION_KEY: 'k', APP_PORT: '81' };
    expect(loadConfig(baseConfigSchema, env)).toMatchObject({ NATS_URL: 'nats://old:4222', NATS_PASSWORD: 'k', PORT: 81 });
    expect(loadConfig(baseConfigSchema, { ...env, NATS_URL: 'nats://new:4222' }).NATS_URL).toBe('nats://new:4222');
  });

  it('takes an empty variable for one that is not set', () => {
    expect(loadConfig(baseConfigSchema, { REGION: '', PORT: '' })).toMatchObject({ REGION: 'local', PORT: 0 });
  });

  it('names every bad variable, and no value', () => {
    const load = (): unknown =>
      loadConfig(baseConfigSchema.extend({ KEY: z.string().min(8) }), { REGION: 'No Such', PORT: '99999', KEY: 'hunter2' });
    expect(load).toThrow(/REGION:.*PORT:.*KEY:/);
    expect(load).not.toThrow(/hunter2/);
  });

  it.each([
    ['true', true],
    ['FALSE', false],
    ['0', false],
    ['on', true],
  ])('reads the flag %s', (text, expected) => {
    expect(loadConfig(z.object({ FLAG: flag }), { FLAG: text }).FLAG).toBe(expected);
  });

  it('refuses a flag that is neither', () => {
    expect(() => loadConfig(z.object({ FLAG: flag }), { FLAG: 'perhaps' })).toThrow(/FLAG/);
  });
});
