import { describe, expect, it } from 'vitest';
import { isCore, judgeImport, mayReadEnvironment } from './layers.ts';

const domain = 'services/planner/src/domain/route.ts';
const application = 'services/planner/src/application/plan-event.ts';
const adapter = 'services/planner/src/adapters/accepted.consumer.ts';
const main = 'services/planner/src/main.ts';

const allowed: readonly [file: string, specifier: string, typeOnly?: boolean][] = [
  [domain, './match.ts'],
  [domain, '@waybill/contracts'],
  [domain, 'node:crypto'],
  [domain, 'zod'],
  [application, '../domain/route.ts'],
  [application, './ports.ts'],
  [application, '@waybill/transport', true],
  [adapter, '../application/plan-event.ts'],
  [adapter, '@waybill/transport'],
  [adapter, 'rxjs'],
  [main, './app.module.ts'],
  ['services/planner/src/domain/route.spec.ts', '@waybill/testkit'],
  ['services/planner/src/domain/route.spec.ts', '../testing/sample-facts.ts'],
  ['packages/transport/src/bus.ts', '@nats-io/jetstream'],
  ['packages/regions/src/config/multi-region.ts', '@waybill/runtime'],
  [adapter, '@waybill/regions'],
  ['packages/transport/src/bus.int.spec.ts', '@waybill/nats-server'],
  ['packages/testkit/src/nats.ts', '@waybill/nats-server'],
  ['apps/waybill/src/commands/up.ts', '@waybill/nats-server'],
  ['e2e/main-path.e2e.spec.ts', '../services/planner/src/main.ts'],
];

const refused: readonly [file: string, specifier: string, why: RegExp, typeOnly?: boolean][] = [
  [domain, '../application/plan-event.ts', /domain imports only/],
  [domain, '../adapters/log.ts', /domain imports only/],
  [domain, '@waybill/transport', /domain may not/, true],
  [domain, 'node:fs', /only what is pure/],
  [application, '../adapters/log.ts', /declare a port/],
  [application, '@waybill/transport', /import type/],
  [application, '@nestjs/common', /only what is pure/],
  [adapter, '../main.ts', /composition root/],
  [adapter, '../testing/sample-facts.ts', /for tests/],
  [adapter, '../app.module.ts', /composition root/],
  [adapter, '../../../ingress/src/domain/page.ts', /leaves services\/planner/],
  [adapter, '@waybill/ingress', /services meet in facts/],
  [adapter, '@nats-io/jetstream', /only home of JetStream/],
  [adapter, '@waybill/testkit', /tests only/],
  ['services/planner/src/domain/route.spec.ts', '@waybill/ingress', /services meet in facts/],
  ['apps/waybill/src/main.ts', '@waybill/dispatcher', /services meet in facts/],
  ['packages/contracts/src/ids.ts', '@waybill/runtime', /is below/],
  ['packages/transport/src/bus.int.spec.ts', '@waybill/testkit', /is built on/],
  ['packages/contracts/src/ids.ts', 'pino', /only zod/],
  ['packages/runtime/src/config.ts', '@waybill/transport', /is below/],
  ['packages/transport/src/bus.ts', '@waybill/regions', /is below/],
  ['packages/nats-server/src/find.ts', '@waybill/transport', /is below/],
];

describe('the table of layers', () => {
  it.each(allowed)('lets %s import %s', (file, specifier, typeOnly = false) => {
    expect(judgeImport({ file, specifier, typeOnly })).toBeUndefined();
  });

  it.each(refused)('keeps %s from importing %s', (file, specifier, why, typeOnly = false) => {
    expect(judgeImport({ file, specifier, typeOnly })).toMatch(why);
  });

  it('calls domain and application the core, and nothing else', () => {
    const core = [domain, application, adapter, main, 'services/planner/src/domain/route.spec.ts', 'packages/contracts/src/ids.ts'];
    expect(core.map(isCore)).toEqual([true, true, false, false, false, false]);
  });

  it('lets the config loader, entry points and tests read the environment', () => {
    const loaders = ['packages/runtime/src/config.ts', 'packages/regions/src/config/regions-config.ts'];
    const files = [...loaders, main, 'apps/waybill/src/main.ts', 'services/planner/src/x.spec.ts', 'gates/x.ts'];
    expect(files.every(mayReadEnvironment)).toBe(true);
    expect([domain, adapter, 'packages/transport/src/bus.ts', 'packages/regions/src/config/multi-region.ts'].some(mayReadEnvironment)).toBe(
      false,
    );
  });
});
