import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../testing/matchers.ts';
import { fakeServer, openSandbox } from '../testing/sandbox.ts';
import { fromEnvironment } from './from-environment.ts';

describe('the way NATS_SERVER_BIN', () => {
  it('takes the binary it names', async () => {
    const { bin, search } = openSandbox();
    const binary = fakeServer(bin, '2.15.1');
    const env = { ...search.env, NATS_SERVER_BIN: binary };
    expect(await fromEnvironment.find({ ...search, env })).toEqual({ kind: 'found', binary, version: '2.15.1' });
  });

  it.each(['', undefined])('is passed over when it is %j', async (value) => {
    const { search } = openSandbox();
    expect(await fromEnvironment.find({ ...search, env: { NATS_SERVER_BIN: value } })).toEqual({ kind: 'missed', reason: 'not set' });
  });

  it('refuses a missing or an old binary instead of going on', async () => {
    const { bin, search } = openSandbox();
    const find = (binary: string) => fromEnvironment.find({ ...search, env: { ...search.env, NATS_SERVER_BIN: binary } });
    expect(await find(join(bin, 'nothing'))).toMatchObject({ kind: 'refused', reason: containing('does not exist') });
    expect(await find(fakeServer(bin, '2.9.10'))).toMatchObject({ kind: 'refused', reason: containing('is version 2.9.10') });
  });
});
