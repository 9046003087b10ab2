import { delimiter, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { containing } from '../testing/matchers.ts';
import { fakeServer, openSandbox } from '../testing/sandbox.ts';
import { fromPath } from './from-path.ts';

describe('the way PATH', () => {
  it('takes the first usable server, past an old one', async () => {
    const { bin, search } = openSandbox();
    fakeServer(join(bin, 'old'), '2.10.27');
    const binary = fakeServer(join(bin, 'new'), '2.15.0');
    const env = { PATH: ['', join(bin, 'none'), join(bin, 'old'), join(bin, 'new')].join(delimiter) };
    expect(await fromPath.find({ ...search, env })).toEqual({ kind: 'found', binary, version: '2.15.0' });
  });

  it('names the versions of old servers', async () => {
    const { bin, search } = openSandbox();
    fakeServer(bin, '2.10.27');
    expect(await fromPath.find(search)).toMatchObject({ kind: 'missed', reason: containing('is version 2.10.27; 2.15.0 or newer') });
  });

  it('says how many folders it looked into', async () => {
    const { search } = openSandbox();
    expect(await fromPath.find(search)).toEqual({ kind: 'missed', reason: 'no nats-server in its 1 folders' });
  });
});
