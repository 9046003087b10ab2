import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cachedBinary } from '../cache.ts';
import { openSandbox, printsVersion, type Sandbox, script } from '../testing/sandbox.ts';
import { fromGo } from './from-go.ts';

const installs = `echo '#!/bin/sh\n${printsVersion('2.15.1')}' > "$GOBIN/nats-server"`;

/** A machine with a Go toolchain, played by a script. */
function goMachine(body: string): Sandbox {
  const sandbox = openSandbox();
  script(sandbox.bin, 'go', body);
  return sandbox;
}

describe('the way go install', () => {
  it('builds the pinned module into the cache', async () => {
    const { search, told } = goMachine(`[ "$1" = list ] || { [ "$2" = github.com/nats-io/nats-server/v2@v2.15.1 ] && ${installs}; }`);
    expect(await fromGo.find(search)).toEqual({ kind: 'found', binary: cachedBinary(search), version: '2.15.1' });
    expect(readdirSync(dirname(cachedBinary(search)))).toEqual(['nats-server']);
    expect(told).toHaveLength(2);
  });

  it("builds for this machine, whatever the caller's Go settings say", async () => {
    const { search } = goMachine(`[ -z "$GOOS$GOARCH$GOFLAGS" ] || exit 9\n[ "$1" = list ] || ${installs}`);
    const env = { ...search.env, GOOS: 'plan9', GOARCH: 'mips', GOFLAGS: '-mod=vendor' };
    expect(await fromGo.find({ ...search, env })).toMatchObject({ kind: 'found' });
  });

  it('does not begin a build when the module cannot be had', async () => {
    const { search, told } = goMachine('[ "$1" = list ] && { echo "dial tcp: no such host" >&2; exit 1; }');
    expect(await fromGo.find(search)).toEqual({ kind: 'missed', reason: 'go list ended with code 1: dial tcp: no such host' });
    expect(told).toHaveLength(1);
  });

  it('passes on why a build failed, and ends one that takes too long', async () => {
    const failing = goMachine('[ "$1" = list ] || { echo "requires go >= 1.25" >&2; exit 1; }');
    expect(await fromGo.find(failing.search)).toMatchObject({ reason: 'go install ended with code 1: requires go >= 1.25' });
    const endless = goMachine('[ "$1" = list ] || while :; do :; done');
    const budgets = { ...endless.search.budgets, goBuildMs: 300 };
    expect(await fromGo.find({ ...endless.search, budgets })).toMatchObject({ reason: 'go install took longer than 0.3 s' });
  });

  it('is passed over without a toolchain', async () => {
    expect(await fromGo.find(openSandbox().search)).toEqual({ kind: 'missed', reason: 'go is not on PATH' });
  });
});
