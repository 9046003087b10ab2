import { globSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateCommand } from '../fixture/gate-command.ts';
import { REPOSITORY, workspaceCopy, type Ended, type WorkspaceCopy } from '../fixture/workspace-copy.ts';

/** Manifests and tags of all workspaces as they are, and no sources: each spec brings its own. */
const manifests = globSync('{packages,services,apps}/*/{package,turbo}.json', { cwd: REPOSITORY });
const settings = ['package.json', 'package-lock.json', 'turbo.json', 'gates/boundaries', ...manifests];

const sound: Readonly<Record<string, string>> = {
  'services/planner/src/main.ts': `import { consume } from './adapters/accepted.consumer.ts';\nconsume(process.env['REGION'] ?? '');\n`,
  'services/planner/src/adapters/accepted.consumer.ts': `import { connectBus } from '@waybill/transport';\nimport { planEvent } from '../application/plan-event.ts';\nexport const consume = (region: string): unknown => [connectBus, planEvent(region, Date.now())];\n`,
  'services/planner/src/application/plan-event.ts': `import type { Publish } from '@waybill/transport';\nimport { route } from '../domain/route.ts';\nexport type Append = Publish;\nexport const planEvent = (region: string, nowMs: number): string => route(region, nowMs);\n`,
  'services/planner/src/domain/route.ts': `import { createHash } from 'node:crypto';\nexport const route = (id: string, nowMs: number): string => createHash('sha256').update(id).digest('hex') + new Date(nowMs).toISOString();\n`,
};

const planted: readonly [name: string, file: string, text: string, finding: string][] = [
  ['an outward import', 'domain/outward.ts', `export { x } from '../adapters/x.ts';`, 'domain imports only'],
  ['a dynamic import', 'application/later.ts', `export const x = import('../adapters/x.ts');`, 'declare a port'],
  ['a type from outside', 'domain/type.ts', `import type { Bus } from '@waybill/transport';\nexport type X = Bus;`, 'domain may not'],
  ['the clock', 'domain/clock.ts', `export const now = (): number => Date.now();`, 'Date.now does not belong'],
  ['the present time', 'application/today.ts', `export const now = (): Date => new Date();`, 'the present time'],
  ['chance', 'domain/dice.ts', `export const roll = (): number => Math.random();`, 'Math.random does not belong'],
  [
    'random bytes',
    'domain/bytes.ts',
    `export { randomBytes } from 'node:crypto';\nimport { randomUUID } from 'node:crypto';\nexport const id = randomUUID;`,
    'randomUUID of node:crypto',
  ],
  ['a timer', 'application/timer.ts', `export const later = (f: () => void): unknown => setTimeout(f, 1);`, 'setTimeout does not belong'],
  ['the environment', 'adapters/env.ts', `export const region = process.env['REGION'];`, 'process.env is read by'],
  ['JetStream', 'adapters/jet.ts', `export { jetstream } from '@nats-io/jetstream';`, 'only home of JetStream'],
  ['the composition root', 'adapters/root.ts', `import '../main.ts';`, 'composition root'],
];

const planner = (file: string): string => `services/planner/src/${file}`;
const layersCommand = gateCommand('boundaries').split('&&').at(-1) ?? '';

const depend = (name: string, on: string): string =>
  JSON.stringify({ name, version: '0.1.0', type: 'module', dependencies: { [on]: '^0.1.0' } });

let copy: WorkspaceCopy;
beforeAll(() => {
  copy = workspaceCopy(settings, sound);
});
afterAll(() => copy.remove());

it('is green for the layout that CONTRIBUTING describes', async () => {
  const ended = await copy.run(gateCommand('boundaries'));
  expect(ended.output).toMatch(/no issues found/);
  expect(ended.code).toBe(0);
});

describe('inside a service', () => {
  let ended: Ended;
  beforeAll(async () => {
    const bad = workspaceCopy(settings, Object.fromEntries(planted.map(([, file, text]) => [planner(file), `${text}\n`])));
    ended = await bad.run(`${layersCommand} --format=unix`);
    bad.remove();
  });

  it.each(planted)('is red for %s', (_, file, _text, finding) => {
    const findings = ended.output.split('\n').filter((line) => line.startsWith(planner(file)));
    expect(findings.join('\n')).toContain(finding);
    expect(ended.code).not.toBe(0);
  });
});

describe('between packages', () => {
  it.each([
    ['an undeclared package', planner('adapters/undeclared.ts'), `export { Pool } from 'undici';\n`, 'undici'],
    [
      'a file of another service',
      planner('adapters/thief.ts'),
      `export { page } from '../../../ingress/src/page.ts';\n`,
      'leaves the package',
    ],
    ['another service by name', planner('adapters/friend.ts'), `export { page } from '@waybill/ingress';\n`, '@waybill/ingress'],
  ])('is red for %s', async (_, file, text, finding) => {
    const bad = workspaceCopy(settings, { [file]: text });
    const { code, output } = await bad.run(gateCommand('boundaries'));
    bad.remove();
    expect(output).toContain(finding);
    expect(code).not.toBe(0);
  });

  it('is red for a service that depends on a service, and for a package that depends on a higher one', async () => {
    const bad = workspaceCopy(settings, {
      'services/planner/package.json': depend('@waybill/planner', '@waybill/ingress'),
      'packages/contracts/package.json': depend('@waybill/contracts', '@waybill/runtime'),
    });
    const { code, output } = await bad.run(gateCommand('boundaries'));
    bad.remove();
    expect(output).toMatch(/`@waybill\/ingress` found[\s\S]+`@waybill\/planner`|`@waybill\/planner`[\s\S]+`@waybill\/ingress`/);
    expect(output).toMatch(/`@waybill\/runtime` found[\s\S]+`@waybill\/contracts`/);
    expect(code).not.toBe(0);
  });
});
