import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import {
  type Deployment,
  findNatsServer,
  freePorts,
  HUB,
  launchNats,
  type RunningNats,
  waitForJetStream,
  waitForLink,
} from '@waybill/nats-server';
import { afterAll, afterEach, beforeAll, describe, expect, it, type TestContext, vi } from 'vitest';
import { installationIn, readDeployment } from './deployment-file.ts';
import { provisionAll } from './provision-all.ts';
import { writeSecrets } from './secrets.ts';
import { writeServerConfigs } from './server-configs.ts';
import { composeFile, composeText, DEPLOYMENT_FILE, madeSecrets, REPOSITORY, resolvedEnvironment } from './testing/compose-file.ts';
import { findProgram, type Program, programAt } from './testing/debian-program.ts';

type Found = Program | { readonly missing: string };
const folder = mkdtempSync(join(tmpdir(), 'waybill-compose-int-'));
const secrets = madeSecrets();
afterAll(() => {
  secrets.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});
const rejected = (ran: Promise<unknown>): Promise<string> =>
  ran.then(
    () => 'it did not fail',
    (error: unknown) => String(error),
  );
/** A check that cannot be made must be seen not to have been made. */
function skip(context: TestContext, { missing }: { readonly missing: string }): void {
  console.warn(`NOT CHECKED: ${missing}`);
  context.skip(missing);
}

describe('docker-compose', () => {
  let found: Found;
  beforeAll(async () => {
    found = await findProgram({
      calls: [['docker-compose'], ['docker', 'compose']],
      versionArgs: ['version'],
      package: 'docker-compose',
      path: 'usr/bin/docker-compose',
      needs: /^python3-/,
    });
  }, 240_000);
  afterAll(() => 'run' in found && found.cleanUp());
  const config = (program: Program, { file = '.env', text = composeText() }): Promise<unknown> => {
    const copy = join(folder, 'docker-compose.yml');
    writeFileSync(copy, text);
    return program.run(['--project-directory', REPOSITORY, '--env-file', file, '-f', copy, 'config', '-q'], {
      COMPOSE_PROJECT_NAME: 'waybill',
    });
  };

  it('takes the file, with what "waybill secrets" made', async (context) => {
    if ('missing' in found) return skip(context, found);
    await config(found, { file: secrets.file });
  });

  it('says what to run where there are no secrets yet', async (context) => {
    if ('missing' in found) return skip(context, found);
    const empty = join(folder, 'empty.env');
    writeFileSync(empty, '\n');
    expect(await rejected(config(found, { file: empty }))).toMatch(/run waybill secrets/);
  });

  it('refuses a field that it does not know', async (context) => {
    if ('missing' in found) return skip(context, found);
    const text = composeText().replace('read_only:', 'readonly:');
    expect(await rejected(config(found, { file: secrets.file, text }))).toMatch(/readonly/);
  });
});

describe('haproxy', () => {
  it('takes its configuration with the addresses of docker-compose.yml', { timeout: 240_000 }, async (context) => {
    const chosen = process.env['HAPROXY_BIN'];
    const found = await findProgram({
      calls: chosen === undefined ? [['haproxy'], ['/usr/sbin/haproxy'], ['/usr/local/sbin/haproxy']] : [[chosen]],
      versionArgs: ['-v'],
      package: 'haproxy',
      path: 'usr/sbin/haproxy',
      needs: /^lib(?!c6$)/,
    });
    if ('missing' in found) return skip(context, found);
    const { balancer } = composeFile().services;
    if (balancer === undefined) throw new Error('there is no balancer');
    const check = (env: NodeJS.ProcessEnv): Promise<unknown> => found.run(['-c', '-f', join(REPOSITORY, 'infra/haproxy/haproxy.cfg')], env);
    try {
      await check(resolvedEnvironment(balancer, {}));
      expect(await rejected(check({}))).toMatch(/WAYBILL_|parsing|missing/);
    } finally {
      found.cleanUp();
    }
  });
});

describe('nats-server', () => {
  const deployment = readDeployment(DEPLOYMENT_FILE);
  const servers = [...deployment.hub, ...deployment.regions.flatMap((region) => region.servers)].map(({ host }) => host);

  it.each(servers)('takes the configuration of %s with the variables that docker-compose.yml gives it', async (name) => {
    const { binary } = await findNatsServer();
    const server = composeFile().services[name];
    const mounted = server?.volumes.find((volume) => volume.startsWith('./infra/docker/nats/'))?.split(':')[0];
    if (server === undefined || mounted === undefined) throw new Error(`${name} has no configuration`);
    const { run } = programAt([binary]);
    const args = ['-t', '-c', join(REPOSITORY, mounted)];
    const env = resolvedEnvironment(server, secrets.env);
    const { stderr } = await run(args, env);
    expect(stderr).toContain('is valid');
    const [first = ''] = Object.keys(env);
    expect(await rejected(run(args, { ...env, [first]: undefined }))).toContain(first);
  });
});

describe('the servers of docker-compose.yml, with passwords from a file of variables', () => {
  const running: RunningNats[] = [];
  afterEach(async () => {
    vi.unstubAllEnvs();
    await Promise.all(running.map((server) => server.kill()));
  });

  it('find each other, let the regions in, and are provisioned', async () => {
    const { binary } = await findNatsServer();
    const deployment = await onLoopback(readDeployment(DEPLOYMENT_FILE));
    const [file, env] = [join(folder, 'deployment.json'), join(folder, '.env')];
    writeFileSync(file, JSON.stringify(deployment));
    writeSecrets(deployment, env);
    for (const [name, value] of Object.entries(parseEnv(readFileSync(env, 'utf8')))) vi.stubEnv(name, value);
    for (const { path, place } of writeServerConfigs(deployment, join(folder, 'conf'))) {
      const server = await launchNats({ binary, folder: `${path}.run`, configFile: path, storeDir: `${path}.store` });
      running.push(server);
      if (place !== HUB) await waitForLink(server);
    }
    await Promise.all(running.map((server) => waitForJetStream(server)));
    const told = await provisionAll(installationIn(file, process.env), { topology: {} }, () => undefined);
    expect(told.map(({ place, steps }) => [place, new Set(steps.map(({ action }) => action))])).toEqual(
      [HUB, 'us-central1', 'europe-west1'].map((place) => [place, new Set(['create'])]),
    );
  });
});

/** The same servers, beside each other on this machine. */
async function onLoopback(deployment: Deployment): Promise<Deployment> {
  const ports = await freePorts(20);
  const here = <S extends Deployment['regions'][number]['servers'][number]>(server: S): S => {
    const moved: S = { ...server, host: '127.0.0.1', listenHost: '127.0.0.1', storeDir: join(folder, server.host) };
    for (const key of ['port', 'clusterPort', 'leafPort', 'monitorPort'] as const)
      if (moved[key] !== undefined) moved[key] = ports.pop() ?? 0;
    return moved;
  };
  const regions = deployment.regions.map((region) => ({ ...region, servers: region.servers.map(here) }));
  return { ...deployment, regions, hub: deployment.hub.map(here) };
}
