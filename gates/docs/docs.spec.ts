import { existsSync, globSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { errorsPage } from './errors-page.ts';
import { reasonsPage } from './reasons-page.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const read = (path: string): string => readFileSync(`${root}${path}`, 'utf8');
const missingPaths = (text: string): string[] =>
  [...text.matchAll(/`((?:packages|services|apps|gates|e2e|bench|drills|docs)\/[\w./-]+)`/g)]
    .map(([, path]) => path ?? '')
    .filter((path) => !existsSync(`${root}${path}`));
/** Variables that a configuration schema declares, as `NAME: schema`, or that are read one by one, as `env['NAME']` or `(flags, 'NAME')`. */
const declaredVariables = (source: string): string[] =>
  [...source.matchAll(/^ +([A-Z][A-Z0-9_]{2,}): |\b(?:env|flags|given)(?:\[|, )'([A-Z][A-Z0-9_]{2,})'/gm)].map(
    ([, declared, single]) => declared ?? single ?? '',
  );

describe('documents stay true', () => {
  it('lists exactly the errors that the code has', () => {
    expect(read('docs/errors.md')).toBe(errorsPage());
  });

  it('lists exactly the reasons that dispatches have', () => {
    expect(read('docs/dispatch-reasons.md')).toBe(reasonsPage());
  });

  it.each([
    'README.md',
    'ARCHITECTURE.md',
    'CONTRIBUTING.md',
    'bench/README.md',
    'drills/README.md',
    ...globSync('docs/**/*.md', { cwd: root }),
  ])('%s names only paths that exist', (page) => {
    expect(missingPaths(read(page))).toEqual([]);
  });

  it('finds a path that does not exist', () => {
    expect(missingPaths('see `packages/contracts/src/nowhere.ts` and `packages/contracts/src/ids.ts`')).toEqual([
      'packages/contracts/src/nowhere.ts',
    ]);
  });

  it('names every variable of every service in .env.example', () => {
    const loaders = [
      'packages/runtime/src/config.ts',
      'packages/runtime/src/tracing/tracing-config.ts',
      'packages/github/src/config/github-environment.ts',
      'packages/regions/src/config/{check-regions,multi-region}.ts',
      'apps/waybill/src/canary/canary-config.ts',
    ];
    const sources = globSync(['services/*/src/*config*.ts', 'services/*/src/start-*.ts', ...loaders], { cwd: root });
    const declared = sources.flatMap((path) => declaredVariables(read(path)));
    const example = read('.env.example');
    expect(declared.length).toBeGreaterThan(20);
    expect(declared.filter((name) => !new RegExp(`^#? ?${name}=`, 'm').test(example))).toEqual([]);
  });

  it('has a README with the two commands', () => {
    expect(read('README.md')).toContain('npm ci && npm start');
    expect(read('README.md')).toContain('npm ci && npm test');
  });
});
