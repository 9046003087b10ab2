import { afterEach, describe, expect, it } from 'vitest';
import { committedFiles } from './architecture/committed-files.ts';
import { gateCommand, repositoryText } from './fixture/gate-command.ts';
import { REPOSITORY, workspaceCopy, type WorkspaceCopy } from './fixture/workspace-copy.ts';

const project = JSON.stringify({
  extends: './tsconfig.base.json',
  compilerOptions: { rootDir: 'src', outDir: 'dist', tsBuildInfoFile: 'dist/.tsbuildinfo' },
  include: ['src'],
});

const manifest = JSON.stringify({ name: 'sample', type: 'module' });

/** Bad files and the compiler's own code for what is wrong with each. */
const bad: readonly [name: string, code: string, text: string][] = [
  ['a wrong type', 'TS2322', `export const port: number = '8080';\n`],
  ['an index that may miss', 'TS2322', `export const first = (list: string[]): string => list[0];\n`],
  ['undefined where absence is meant', 'TS2375', `export const source: { name?: string } = { name: undefined };\n`],
  ['an unused variable', 'TS6133', `export function one(): number {\n  const two = 2;\n  return 1;\n}\n`],
  ['an implicit any', 'TS7006', `export const same = (value) => value;\n`],
  ['a type imported as a value', 'TS1484', `import { Stat } from './stat.ts';\nexport const stat: Stat | null = null;\n`],
  ['a missing override', 'TS4114', `class Base {\n  close(): void {}\n}\nexport class Log extends Base {\n  close(): void {}\n}\n`],
];

const fileOf = (index: number): string => `src/bad-${index}.ts`;

let copy: WorkspaceCopy | undefined;
afterEach(() => copy?.remove());

describe('the types gate', () => {
  it('is red for each kind of error', async () => {
    const files = Object.fromEntries(bad.map(([, , text], index) => [fileOf(index), text]));
    copy = workspaceCopy(['tsconfig.base.json'], {
      'package.json': manifest,
      'tsconfig.json': project,
      'src/stat.ts': `export interface Stat {}\n`,
      ...files,
    });
    const { code, output } = await copy.run(gateCommand('types'));
    expect(code).not.toBe(0);
    for (const [index, [name, error]] of bad.entries()) {
      const found = output.split('\n').find((line) => line.startsWith(fileOf(index)));
      expect(found, name).toContain(error);
    }
  });

  it('is green for sound code', async () => {
    const sound = `export const first = (list: readonly string[]): string | undefined => list[0];\n`;
    copy = workspaceCopy(['tsconfig.base.json'], { 'package.json': manifest, 'tsconfig.json': project, 'src/sound.ts': sound });
    expect(await copy.run(gateCommand('types'))).toEqual({ code: 0, output: '' });
  });

  it('reaches every file: what the root project does not reference would never be checked', () => {
    const referenced = [...repositoryText('tsconfig.json').matchAll(/"path":\s*"([^"]+)"/g)].map(([, path]) => `${path}/`);
    const files = committedFiles(REPOSITORY).filter((path) => path.endsWith('.ts') && path !== 'vitest.config.ts');
    expect(files.length).toBeGreaterThan(50);
    expect(files.filter((path) => !referenced.some((folder) => path.startsWith(folder)))).toEqual([]);
  });
});
