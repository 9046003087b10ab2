import { afterEach, expect, it } from 'vitest';
import { gateCommand } from './fixture/gate-command.ts';
import { workspaceCopy, type WorkspaceCopy } from './fixture/workspace-copy.ts';

const good = `export const region = { id: 'local', priority: 1 };\n`;

let copy: WorkspaceCopy | undefined;
afterEach(() => copy?.remove());

it.each([
  ['double quotes', `export const region = { id: "local", priority: 1 };\n`],
  ['a missing semicolon', `export const region = { id: 'local', priority: 1 }\n`],
  ['tabs', `export function one(): number {\n\treturn 1;\n}\n`],
  ['a line over 140 columns', `export const list = [${Array.from({ length: 30 }, (_, n) => `'entry ${n}'`).join(', ')}];\n`],
])('is red for %s', async (_, bad) => {
  copy = workspaceCopy(['.oxfmtrc.json'], { 'src/good.ts': good, 'src/bad.ts': bad });
  const { code, output } = await copy.run(gateCommand('format'));
  expect(output).toContain('src/bad.ts');
  expect(output).not.toContain('src/good.ts');
  expect(code).not.toBe(0);
});

it('is green for a formatted file', async () => {
  copy = workspaceCopy(['.oxfmtrc.json'], { 'src/good.ts': good });
  expect(await copy.run(gateCommand('format'))).toMatchObject({ code: 0 });
});
