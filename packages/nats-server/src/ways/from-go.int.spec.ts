import { expect, it } from 'vitest';
import { executablesOnPath } from '../executable-on-path.ts';
import { findNatsServer } from '../find.ts';
import { hostPlatform } from '../platform.ts';
import { temporaryFolder } from '../testing/sandbox.ts';
import { fromGo } from './from-go.ts';

it('builds a real server', { timeout: 360_000 }, async (ctx) => {
  if (process.env['WAYBILL_TEST_GO_INSTALL'] !== '1') return ctx.skip('a build takes minutes; WAYBILL_TEST_GO_INSTALL=1 runs it');
  const tools = await executablesOnPath('go', { env: process.env, platform: hostPlatform() });
  if (tools.length === 0) return ctx.skip('no Go toolchain on this machine');
  expect(await findNatsServer({ ways: [fromGo], cacheDir: temporaryFolder() })).toMatchObject({ way: 'go install', version: '2.15.1' });
});
