import { describe, expect, it } from 'vitest';
import { REPOSITORY } from '../fixture/workspace-copy.ts';
import { committedFiles, textOf } from './committed-files.ts';
import { inspect } from './shape.ts';

const slash = '/';
const registry = ['registry', 'example', 'org'].join('.');
const off = ['oxlint', 'disable'].join('-');
const away = ['@ts', 'ignore'].join('-');

const broken: readonly [path: string, text: string, rule: string][] = [
  ['services/planner/src/utils/time.ts', '', 'a folder that says nothing'],
  ['packages/runtime/src/helpers/a.ts', '', 'a folder that says nothing'],
  ['services/planner/src/domain/plan-helpers.ts', '', 'a file name that says nothing'],
  ['services/planner/src/application/plan-manager.ts', '', 'a file name that says nothing'],
  ['services/planner/src/domain/index.ts', '', 'index.ts outside'],
  ['services/planner/src/main.ts', `// ${off}-next-line no-console`, 'switched off'],
  ['gates/a.ts', `// ${away}: later`, 'look away'],
  ['docs/setup.md', `see ${slash}home/ada/waybill`, 'a path of one machine'],
  ['e2e/a.ts', `const bin = '${slash}work/bin/nats-server';`, 'a path of one machine'],
  ['package-lock.json', `"resolved": "https://${registry}/zod"`, 'a package registry'],
  ['services/ingress/src/adapters/http/vending.controller.ts', '', 'vended or provisioned'],
  ['services/ingress/src/adapters/http/repositories.controller.ts', `paths: ['/v1/vending/:id']`, 'vended or provisioned'],
  ['services/planner/src/config.ts', `TERRAFORM_DIR: z.string()`, 'vended or provisioned'],
  ['packages/github/src/act/make.ts', `async function provisionRepository(name: string) {}`, 'vended or provisioned'],
  ['services/dispatcher/src/adapters/run.ts', `import { spawn } from 'node:child_process';`, 'starts a process'],
  ['packages/github/src/act/run.ts', `const { exec } = await import('child_process');`, 'starts a process'],
  ['services/ingress/src/application/github/push.ts', `if (event === 'push') return handle(body);`, 'pushes are handled'],
  ['services/planner/src/a.spec.ts', `${['vi', 'mock'].join('.')}('undici');`, 'is mocked'],
];

const sound: readonly [path: string, text: string][] = [
  ['services/dispatcher/src/application/delivery-manager.ts', ''],
  ['packages/runtime/src/index.ts', `export { loadConfig } from './config.ts';`],
  ['services/planner/src/domain/work.ts', `const url = 'https://hooks.example.com/work/orders';`],
  ['services/ingress/src/domain/registry.ts', `const kind = 'registry.endpoint';`],
  ['apps/waybill/src/stack/supervised-process.ts', `import { spawn } from 'node:child_process';`],
  ['services/ingress/src/github.int.spec.ts', `const headers = { event: 'push' }; if (event === 'push') throw new Error();`],
  ['apps/waybill/src/commands/provision.ts', `await provision(bus, regionTopology(region));`],
  ['docs/registry.md', 'The registry (KV) holds tenants.'],
];

describe('the rules about paths and texts', () => {
  it.each(broken)('are broken by %s with %j', (path, text, rule) => {
    expect(inspect(path, text).map((finding) => finding.rule)).toEqual([expect.stringContaining(rule)]);
  });

  it.each(sound)('are kept by %s', (path, text) => {
    expect(inspect(path, text)).toEqual([]);
  });
});

describe('this repository', () => {
  const files = committedFiles(REPOSITORY);

  it('is looked at as a whole', () => {
    expect(files).toContain('package.json');
    expect(files.filter((path) => path.startsWith('services/')).length).toBeGreaterThan(20);
  });

  it('keeps them', () => {
    expect(files.flatMap((path) => inspect(path, textOf(REPOSITORY, path)))).toEqual([]);
  });

  it('names no host of the machine it was built on', () => {
    const urls = Object.entries(process.env).filter(([name]) => /^(npm_config_registry|https?_proxy|GOPROXY)$/i.test(name));
    const hosts = urls.map(([, url]) => URL.parse(url ?? '')?.hostname).filter((host) => host !== undefined && host !== 'localhost');
    const naming = files.filter((path) => hosts.some((host) => host !== undefined && textOf(REPOSITORY, path).includes(host)));
    expect(naming).toEqual([]);
  });
});
