import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { gateCommand } from './fixture/gate-command.ts';
import { workspaceCopy, type Ended, type WorkspaceCopy } from './fixture/workspace-copy.ts';

const repeat = (count: number, line: (n: number) => string): string => Array.from({ length: count }, (_, n) => line(n)).join('\n');

/** One bad file per rule that we would miss. */
const bad: readonly [rule: string, text: string][] = [
  ['no-floating-promises', `declare function send(): Promise<void>;\nexport function go(): void {\n  send();\n}`],
  ['no-misused-promises', `declare const f: (done: () => void) => void;\nf(async () => {\n  await Promise.resolve();\n});`],
  ['await-thenable', `export async function go(): Promise<number> {\n  return await 3;\n}`],
  [
    'return-await',
    `declare function send(): Promise<void>;\nexport async function go(): Promise<void> {\n  try {\n    return send();\n  } catch (error) {\n    throw new Error('no', { cause: error });\n  }\n}`,
  ],
  ['no-explicit-any', `export const same = (value: any): unknown => value;`],
  ['no-unsafe-assignment', `export function port(text: string): unknown {\n  const parsed = JSON.parse(text);\n  return parsed;\n}`],
  ['no-unsafe-member-access', `export const port = (text: string): unknown => JSON.parse(text).port;`],
  ['no-unsafe-argument', `export const port = (text: string): number => Number.parseInt(JSON.parse(text), 10);`],
  ['no-unsafe-return', `export const port = (text: string): number => JSON.parse(text);`],
  ['no-unsafe-type-assertion', `export const port = (value: unknown): number => value as number;`],
  ['no-non-null-assertion', `export const first = (list: readonly string[]): string => list[0]!;`],
  [
    'switch-exhaustiveness-check',
    `export function name(kind: 'a' | 'b'): string {\n  switch (kind) {\n    case 'a':\n      return 'A';\n  }\n  return '';\n}`,
  ],
  ['only-throw-error', `export function fail(): never {\n  throw 'no';\n}`],
  ['ban-ts-comment', `// @ts-ignore: it works here\nexport const port: number = '1';`],
  [
    'parameter-properties',
    `export class Log {\n  constructor(private readonly name: string) {}\n  title(): string {\n    return this.name;\n  }\n}`,
  ],
  [
    'preserve-caught-error',
    `export function go(f: () => void): void {\n  try {\n    f();\n  } catch {\n    throw new Error('no');\n  }\n}\nexport function stop(f: () => void): void {\n  try {\n    f();\n  } catch (error) {\n    throw new Error('no');\n  }\n}`,
  ],
  ['no-empty', `export function go(f: () => void): void {\n  try {\n    f();\n  } catch {}\n}`],
  ['eqeqeq', `export const same = (a: string, b: string): boolean => a == b;`],
  ['no-console', `console.log('ready');\nexport const ready = true;`],
  ['no-param-reassign', `export function next(n: number): number {\n  n += 1;\n  return n;\n}`],
  ['no-shadow', `const port = 1;\nexport const other = (port: number): number => port;\nexport { port };`],
  ['max-params', `export const f = (a: number, b: number, c: number, d: number, e: number): number => a + b + c + d + e;`],
  [
    'max-depth',
    `export function f(a: boolean): void {\n  if (a) {\n    for (;;) {\n      while (a) {\n        if (a) return;\n      }\n    }\n  }\n}`,
  ],
  ['complexity', `export function f(n: number): number {\n${repeat(16, (n) => `  if (n === ${n}) return ${n * 2};`)}\n  return 0;\n}`],
  ['max-lines-per-function', `export function f(): number {\n  let n = 0;\n${repeat(50, () => '  n += 1;')}\n  return n;\n}`],
  ['max-lines', repeat(251, (n) => `export const value${n} = ${n};`)],
  ['filename-case', `export const camel = 1;`],
  ['no-default-export', `const port = 1;\nexport default port;`],
  ['no-cycle', `import { ping } from './no-cycle-too.ts';\nexport const pong = (): unknown => ping;`],
  ['prefer-node-protocol', `import { join } from 'path';\nexport const path = join('a', 'b');`],
  ['no-duplicates', `import { join } from 'node:path';\nimport { resolve } from 'node:path';\nexport const path = [join, resolve];`],
];

const inTests: readonly [rule: string, text: string][] = [
  ['no-focused-tests', `import { expect, it } from 'vitest';\nit.only('adds', () => {\n  expect(1 + 1).toBe(2);\n});`],
  ['no-disabled-tests', `import { expect, it } from 'vitest';\nit.skip('adds', () => {\n  expect(1 + 1).toBe(2);\n});`],
  [
    'no-identical-title',
    `import { expect, it } from 'vitest';\nit('adds', () => {\n  expect(1 + 1).toBe(2);\n});\nit('adds', () => {\n  expect(1 + 2).toBe(3);\n});`,
  ],
  ['valid-expect', `import { expect, it } from 'vitest';\nit('adds', () => {\n  expect(1 + 1);\n});`],
];

const good = `import { createHash } from 'node:crypto';

/** Names are hashed, so that a log shows none. */
export async function hashOf(read: () => Promise<string>): Promise<string> {
  const name = await read();
  return createHash('sha256').update(name).digest('hex');
}
`;

const fileOf = (rule: string): string => `packages/sample/src/${rule === 'filename-case' ? 'camelCase' : rule}.ts`;
const specOf = (rule: string): string => `packages/sample/src/${rule}.spec.ts`;
const withNewlines = (entries: readonly [string, string][], path: (rule: string) => string): Record<string, string> =>
  Object.fromEntries(entries.map(([rule, text]) => [path(rule), `${text}\n`]));

const settings = ['.oxlintrc.json', 'tsconfig.base.json'];
const tsconfig = JSON.stringify({ extends: './tsconfig.base.json', include: ['packages'] });
const project = { 'tsconfig.json': tsconfig, 'package.json': JSON.stringify({ name: 'sample', type: 'module' }) };

let copy: WorkspaceCopy;
let red: Ended;
beforeAll(async () => {
  copy = workspaceCopy(settings, {
    ...project,
    ...withNewlines(bad, fileOf),
    ...withNewlines(inTests, specOf),
    'packages/sample/src/no-cycle-too.ts': `import { pong } from './no-cycle.ts';\nexport const ping = (): unknown => pong;\n`,
  });
  red = await copy.run(`${gateCommand('lint')} --format=unix`);
});
afterAll(() => copy.remove());

const findingsIn = (file: string): string =>
  red.output
    .split('\n')
    .filter((line) => line.startsWith(`${file}:`))
    .join('\n');

describe('the lint gate', () => {
  it('ends red', () => {
    expect(red.code).not.toBe(0);
  });

  it.each(bad)('finds %s', (rule) => {
    expect(findingsIn(fileOf(rule))).toContain(`(${rule})`);
  });

  it.each(inTests)('finds %s in tests', (rule) => {
    expect(findingsIn(specOf(rule))).toContain(`(${rule})`);
  });

  it('is red for a disable comment that silences nothing', async () => {
    const idle = workspaceCopy(settings, {
      ...project,
      'packages/sample/src/idle.ts': `// oxlint-disable-next-line no-console\nexport const one = 1;\n`,
    });
    const ended = await idle.run(gateCommand('lint'));
    idle.remove();
    expect(ended.output).toContain('Unused');
    expect(ended.code).not.toBe(0);
  });

  it('is green for sound code, and has looked at it', async () => {
    const sound = workspaceCopy(settings, { ...project, 'packages/sample/src/sound.ts': good });
    const ended = await sound.run(gateCommand('lint'));
    sound.remove();
    expect(ended.output).toMatch(/Found 0 warnings and 0 errors[\s\S]+on 1 file/);
    expect(ended.code).toBe(0);
  });
});
