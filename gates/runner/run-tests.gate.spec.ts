import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { REPOSITORY, workspaceCopy, type Ended, type WorkspaceCopy } from '../fixture/workspace-copy.ts';
import { GATES } from './gates.ts';

const entry = (name: string): string => `node ${join(REPOSITORY, 'gates', name)}`;

/** A project whose gates do nothing, but for those in `scripts`. */
function manifest(scripts: Readonly<Record<string, string>> = {}): string {
  const green = Object.fromEntries([...GATES, 'unit'].map((name) => [`gate:${name}`, `echo ${name} looked`]));
  return JSON.stringify({ name: 'sample', type: 'module', scripts: { ...green, ...scripts } });
}

const config = `export default { test: { projects: [{ test: { name: 'unit', include: ['*.spec.ts'] } }] } };\n`;
const vitest = `import { beforeAll, describe, expect, it } from 'vitest';\n`;
const passing = `${vitest}it('adds', () => expect(1 + 1).toBe(2));\n`;

let copy: WorkspaceCopy | undefined;
afterEach(() => copy?.remove());

async function run(command: string, files: Readonly<Record<string, string>>): Promise<Ended & { readonly last: string | undefined }> {
  copy = workspaceCopy([], { 'package.json': manifest(), 'vitest.config.js': config, ...files });
  const ended = await copy.run(command);
  return { ...ended, last: ended.output.trimEnd().split('\n').at(-1) };
}

describe('npm test', () => {
  it('is green for passing tests, and its last line counts them', async () => {
    const { code, last, output } = await run(entry('run-tests.mjs'), { 'a.spec.ts': passing });
    expect(last).toBe('1 passed, 0 failed, 0 skipped');
    expect(output).toContain('dead-code looked');
    expect(code).toBe(0);
  });

  it('counts failures, files that do not load, hooks that throw and skipped tests', async () => {
    const { code, last } = await run(entry('run-tests.mjs'), {
      'a.spec.ts': `${passing}it('fails', () => expect(1).toBe(2));\nit.skip('later', () => {});\nit.todo('some day');\n`,
      'b.spec.ts': `import './missing.ts';\n${passing}`,
      'c.spec.ts': `${vitest}describe('hook', () => {\n  beforeAll(() => {\n    throw new Error('no');\n  });\n  it('one', () => {});\n  it('two', () => {});\n});\n`,
    });
    expect(last).toBe('1 passed, 4 failed, 2 skipped');
    expect(code).toBe(1);
  });

  it('counts a failed gate, and still runs the tests', async () => {
    const { code, last, output } = await run(entry('run-tests.mjs'), {
      'package.json': manifest({ 'gate:lint': 'echo found one && exit 3' }),
      'a.spec.ts': passing,
    });
    expect(output).toMatch(/FAILED lint/);
    expect(last).toBe('1 passed, 1 failed, 0 skipped');
    expect(code).toBe(1);
  });

  it('is red when nothing ran', async () => {
    const { code, last } = await run(entry('run-tests.mjs'), {});
    expect(last).toMatch(/^0 passed, \d+ failed, 0 skipped$/);
    expect(code).toBe(1);
  });
});

describe('npm run check', () => {
  it('names the gate that failed, and runs the others too', async () => {
    const { code, output, last } = await run(entry('check.mjs'), { 'package.json': manifest({ 'gate:types': 'exit 2' }) });
    expect(output).toContain('dead-code looked');
    expect(last).toContain('Failed: types.');
    expect(code).toBe(1);
  });

  it('runs the gates it is asked for', async () => {
    const { code, output } = await run(`${entry('check.mjs')} lint`, {});
    expect(output).toContain('lint looked');
    expect(output).not.toContain('types looked');
    expect(code).toBe(0);
  });

  it('refuses a gate that does not exist', async () => {
    const { code, output } = await run(`${entry('check.mjs')} spelling`, {});
    expect(output).toContain('there is no gate "spelling"');
    expect(code).not.toBe(0);
  });

  it('says what is missing when Node is too old', async () => {
    const old = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'20.11.0'}})`;
    const { code, output } = await run(`node --import "${old}" ${join(REPOSITORY, 'gates', 'check.mjs')}`, {});
    expect(output).toContain('Waybill needs Node 24 or newer, and this is Node 20.11.0');
    expect(code).toBe(1);
  });
});
