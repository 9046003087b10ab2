import { describe, expect, it } from 'vitest';
import { type Attempt, msText, rateText } from './endpoint-figures.ts';
import { healthOf, rotationOf } from './endpoint-health.ts';

const NOW = Date.parse('2026-11-21T12:00:00.000Z');
const at = '2026-11-21T11:00:00.000Z';
const attempt = (outcome: Attempt['outcome'], reason: string | null = null): Attempt => ({
  deliveryId: 'dlv_1',
  attempt: 1,
  eventId: 'evt_1',
  region: 'local',
  at,
  durationMs: 3,
  outcome,
  httpStatus: null,
  reason,
  detail: null,
});

describe('the health of an endpoint', () => {
  it.each([
    [{ disabled: { reason: 'manual', at }, health: { failingSince: at } }, attempt('accepted'), 'paused', at],
    [{ disabled: { reason: 'gone', at }, health: null }, null, 'gone', at],
    [{ disabled: { reason: 'failing', at }, health: null }, null, 'disabled', at],
    [{ health: { failingSince: at } }, attempt('accepted'), 'circuit open', at],
    [{ health: { failingSince: '2026-11-21T10:00:00.000Z' } }, attempt('accepted'), 'healthy', null],
    [{ health: { failingSince: '2026-11-21T10:00:00.000Z' } }, attempt('retryable'), 'circuit open', '2026-11-21T10:00:00.000Z'],
    [{ health: null }, attempt('retryable', 'http_503'), 'failing', at],
    [{ health: null }, attempt('accepted'), 'healthy', null],
    [{ health: null }, null, 'not used', null],
    [{ health: null }, undefined, 'enabled', null],
  ] as const)('%o', (endpoint, last, word, since) => {
    expect(healthOf(endpoint, last)).toMatchObject({ word, since });
  });
});

describe('the change of a secret', () => {
  it.each([
    [undefined, false, null],
    [{ count: 1 }, false, null],
    [{ count: 2, oldestExpiresAt: '2026-11-21T13:00:00.000Z' }, true, '2026-11-21T13:00:00.000Z'],
    [{ count: 2, oldestExpiresAt: at }, false, null],
  ])('%o', (secrets, isOn, until) => {
    expect(rotationOf(secrets, NOW)).toMatchObject({ isOn, until });
  });
});

describe('figures', () => {
  it.each([
    [null, '–'],
    [{ attempts: 0, failedAttempts: 0 }, '–'],
    [{ attempts: 10, failedAttempts: 0 }, '100 %'],
    [{ attempts: 100_000, failedAttempts: 1 }, '99.9 %'],
    [{ attempts: 10, failedAttempts: 3 }, '70 %'],
    [{ attempts: 4, failedAttempts: 4 }, '0 %'],
  ])('%o are a rate of %s', (figures, text) => {
    expect(rateText(figures)).toBe(text);
  });

  it.each([
    [null, '–'],
    [0.25, '0.3 ms'],
    [48.55, '48.6 ms'],
    [250.4, '250 ms'],
    [1_000, '1 s'],
    [12_345, '12.35 s'],
  ])('%s ms are %s', (ms, text) => {
    expect(msText(ms)).toBe(text);
  });
});
