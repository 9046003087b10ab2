import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withRandomPasswords } from '@waybill/nats-server';
import { afterAll, describe, expect, it } from 'vitest';
import { installationIn, readDeployment } from './deployment-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'waybill-deployment-file-'));
afterAll(() => rmSync(folder, { recursive: true }));

const write = (content: unknown): string => {
  const file = join(folder, 'deployment.json');
  writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
  return file;
};
const server = (port: number) => ({ host: '10.0.0.1', port, leafPort: port + 1, storeDir: '/data' });
const sound = withRandomPasswords({
  mode: 'development',
  regions: [{ id: 'us', servers: [server(4222)] }],
  hub: [{ site: 'us', ...server(5222) }],
});

describe('a deployment file', () => {
  it('is read', () => {
    expect(readDeployment(write(sound))).toEqual(sound);
  });

  it('is sound as docs/regions.md shows one', () => {
    const page = readFileSync(new URL('../../../../docs/regions.md', import.meta.url), 'utf8');
    const example = /```json\n([\s\S]+?)```/.exec(page)?.[1] ?? '';
    expect(readDeployment(write(example)).regions.map(({ id }) => id)).toEqual(['us-central1', 'europe-west1']);
  });

  it('is refused with every mistake and its path', () => {
    const wrong = { ...sound, mode: 'trial', regions: [{ id: 'US', servers: [] }] };
    expect(() => readDeployment(write(wrong))).toThrow(/deployment\.json, mode: .*\n.*regions\.0\.id: use a-z.*\n.*regions\.0\.servers: /);
  });

  it('is refused without showing what may be a password', () => {
    const read = (): unknown => readDeployment(write('{"passwords": hunter2'));
    expect(read).toThrow(/deployment\.json: not JSON/);
    expect(read).not.toThrow(/hunter2/);
  });

  it('is refused when it is not there', () => {
    expect(() => readDeployment(join(folder, 'none.json'))).toThrow(/none\.json: ENOENT/);
  });

  it('takes passwords from the environment when somebody logs in', () => {
    const passwords = { ...sound.passwords, 'us/planner': { env: 'US_PLANNER' }, 'us/operator': 'plain' };
    const { login } = installationIn(write({ ...sound, passwords }), { US_PLANNER: 'secret' });
    expect(login('us', 'planner')).toEqual({ user: 'planner', password: 'secret' });
    expect(login('us', 'operator')).toEqual({ user: 'operator', password: 'plain' });
    expect(() => login('us', 'nobody')).toThrow('the deployment has no password "us/nobody"; add it');
    const without = installationIn(write({ ...sound, passwords }), {});
    expect(() => without.login('us', 'planner')).toThrow(
      'the password "us/planner" is in the variable US_PLANNER, which is not set; set it',
    );
  });
});
