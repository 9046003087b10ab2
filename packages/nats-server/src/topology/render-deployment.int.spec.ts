import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { findNatsServer } from '../find.ts';
import { sampleDeployment } from '../testing/sample-deployment.ts';
import { temporaryFolder } from '../testing/sandbox.ts';
import { renderDeployment } from './render-deployment.ts';

const run = promisify(execFile);
const [us, eu, ap] = ['us-central1', 'europe-west1', 'ap1'];

describe('the configurations of a deployment', () => {
  it.each([
    ['one region', { regions: [us], hubNodes: 0 }],
    ['one region with a hub', { regions: [us], hubNodes: 1 }],
    ['two regions', { regions: [us, eu], hubNodes: 3 }],
    ['three regions', { regions: [us, eu, ap], hubNodes: 3 }],
    ['two regions in production', { regions: [us, eu], hubNodes: 3, mode: 'production' as const }],
  ])('pass the check of the server: %s', async (_, options) => {
    const { binary } = await findNatsServer();
    const folder = temporaryFolder();
    for (const { file, text } of renderDeployment(sampleDeployment(options))) {
      const path = join(folder, file);
      writeFileSync(path, text);
      const { stderr } = await run(binary, ['-t', '-c', path]);
      expect(stderr).toContain('is valid');
    }
  });

  it('pass it as committed, with the variables they name', async () => {
    const { binary } = await findNatsServer();
    const folder = join(import.meta.dirname, '../../../../infra/nats');
    for (const file of readdirSync(folder).filter((name) => name.endsWith('.conf'))) {
      const names = readFileSync(join(folder, file), 'utf8').match(/\bNATS_\w+/g) ?? [];
      const env = names.map((name) => [name, name.includes('_URL_') ? `nats://user:x1@${name.replaceAll('_', '-')}:7422` : 'x1']);
      const { stderr } = await run(binary, ['-t', '-c', join(folder, file)], { env: Object.fromEntries(env) });
      expect(stderr).toContain('is valid');
      await expect(run(binary, ['-t', '-c', join(folder, file)], { env: {} })).rejects.toThrow('variable reference');
    }
  });
});
