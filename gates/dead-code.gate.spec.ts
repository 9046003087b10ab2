import { afterEach, describe, expect, it } from 'vitest';
import { gateCommand } from './fixture/gate-command.ts';
import { workspaceCopy, type WorkspaceCopy } from './fixture/workspace-copy.ts';

const settings = ['knip.json', 'tsconfig.base.json'];

const used: Readonly<Record<string, string>> = {
  'package.json': JSON.stringify({ name: 'root', private: true, type: 'module', workspaces: ['packages/*', 'services/*'] }),
  'packages/contracts/package.json': JSON.stringify({
    name: '@waybill/contracts',
    type: 'module',
    exports: { '.': { source: './src/index.ts', default: './dist/index.js' } },
    dependencies: { zod: '4.6.7' },
  }),
  'packages/contracts/src/index.ts': `export { name } from './name.ts';\n`,
  'packages/contracts/src/name.ts': `import { z } from 'zod';\nexport const name = z.string();\n`,
  'services/planner/package.json': JSON.stringify({
    name: '@waybill/planner',
    type: 'module',
    dependencies: { '@waybill/contracts': '^0.1.0' },
  }),
  'services/planner/src/main.ts': `import { name } from '@waybill/contracts';\nimport { plan } from './plan.ts';\nplan(name);\n`,
  'services/planner/src/plan.ts': `export const plan = (what: unknown): unknown => what;\n`,
};

let copy: WorkspaceCopy | undefined;
afterEach(() => copy?.remove());

async function runWith(more: Readonly<Record<string, string>>) {
  copy = workspaceCopy(settings, { ...used, ...more });
  return copy.run(gateCommand('dead-code'));
}

describe('the dead code gate', () => {
  it('is green when everything is used', async () => {
    expect(await runWith({})).toMatchObject({ code: 0 });
  });

  it('is red for a file, an export and a dependency that nobody uses, and for a dependency nobody declared', async () => {
    const { code, output } = await runWith({
      'services/planner/src/forgotten.ts': `export const forgotten = 1;\n`,
      'services/planner/src/plan.ts': `import 'rxjs';\nexport const plan = (what: unknown): unknown => what;\nexport const stray = 2;\n`,
      'packages/contracts/src/name.ts': `export const name = 'plain';\n`,
    });
    expect(code).not.toBe(0);
    expect(output).toMatch(/Unused files[\s\S]+services\/planner\/src\/forgotten\.ts/);
    expect(output).toMatch(/Unused exports[\s\S]+stray/);
    expect(output).toMatch(/Unused dependencies[\s\S]+zod/);
    expect(output).toMatch(/Unlisted dependencies[\s\S]+rxjs/);
  });
});
