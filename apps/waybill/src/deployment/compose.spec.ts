import { globSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentUsers, renderDeployment } from '@waybill/nats-server';
import { checkRegions, connectionOf } from '@waybill/regions';
import { afterAll, describe, expect, it } from 'vitest';
import { readDeployment } from './deployment-file.ts';
import {
  composeFile,
  type ComposeService,
  composeText,
  DEPLOYMENT_FILE,
  madeSecrets,
  referencesIn,
  REPOSITORY,
  resolved,
  resolvedEnvironment,
} from './testing/compose-file.ts';

const REGIONS = ['us-central1', 'europe-west1'];
const SERVICES = ['ingress', 'planner', 'dispatcher', 'projector'];
const HUB = ['hub-1', 'hub-2', 'hub-3'];

const compose = composeFile();
const deployment = readDeployment(DEPLOYMENT_FILE);
const secrets = madeSecrets();
afterAll(() => secrets.cleanUp());

const service = (name: string): ComposeService => {
  const found = compose.services[name];
  if (found === undefined) throw new Error(`there is no service ${name}`);
  return found;
};
const ownServices = REGIONS.flatMap((region) => SERVICES.map((name) => ({ region, name, service: service(`${name}-${region}`) })));
const natsNames = [...HUB, ...REGIONS.map((region) => `nats-${region}`)];
const variable = (region: string, user: string): string => `NATS_${region.toUpperCase().replaceAll('-', '_')}_${user.toUpperCase()}`;
const secretsOf = (name: string): string[] =>
  Object.values(service(name).environment)
    .flatMap((value) => referencesIn(value).filter(({ kind }) => kind === 'required'))
    .map((reference) => reference.name)
    .toSorted();
/** Where a service's data lies: named volumes, by their place in the container. */
const storesOf = ({ volumes }: ComposeService): string[] => volumes.filter((volume) => !volume.startsWith('.'));

describe('docker-compose.yml', () => {
  it('has both regions, the hub, the balancer, the canary, what watches, and the two that run and end', () => {
    const regional = REGIONS.flatMap((region) => [...SERVICES, 'nats', 'postgres'].map((name) => `${name}-${region}`));
    expect(Object.keys(compose.services).toSorted()).toEqual(
      [...regional, ...HUB, 'balancer', 'canary', 'grafana', 'jaeger', 'prometheus', 'provision', 'waybill'].toSorted(),
    );
    expect(Object.keys(compose)).not.toContain('name');
    expect(Object.keys(compose)).not.toContain('version');
  });

  it('lets all that is ours wait for provisioning, and provisioning for the healthy servers of NATS', () => {
    const after = { provision: { condition: 'service_completed_successfully' } };
    for (const one of [...ownServices.map((own) => own.service), service('balancer')]) expect(one.depends_on).toEqual(after);
    expect(service('provision').depends_on).toEqual(Object.fromEntries(natsNames.map((name) => [name, { condition: 'service_healthy' }])));
  });

  it('restarts what is to run, and nothing else', () => {
    const restarting = Object.entries(compose.services).filter(([, { restart }]) => restart === 'unless-stopped');
    expect(restarting.map(([name]) => name).toSorted()).toEqual(
      Object.keys(compose.services)
        .filter((name) => name !== 'provision' && name !== 'waybill')
        .toSorted(),
    );
    expect(service('waybill').profiles).toEqual(['tools']);
    for (const name of ['canary', 'prometheus', 'grafana']) expect(service(name).profiles).toEqual(['monitoring']);
    expect(service('jaeger').profiles).toEqual(['tracing']);
  });

  it('runs our programs from one image, which may change nothing of itself', () => {
    for (const { name, service: own } of ownServices) expect(own.command).toEqual([`services/${name}/dist/main.js`]);
    const ours = [...ownServices.map((own) => own.service), service('canary'), service('provision'), service('waybill')];
    for (const one of ours)
      expect(one).toMatchObject({
        image: 'waybill:local',
        pull_policy: 'never',
        read_only: true,
        cap_drop: ['ALL'],
        security_opt: ['no-new-privileges:true'],
      });
    expect(Object.values(compose.services).filter(({ build }) => build !== undefined)).toEqual([service('provision')]);
  });

  it('names a version of every image', () => {
    for (const { image } of Object.values(compose.services)) expect(image).toMatch(/^[a-z/]+:(?!latest)[\w.-]+$/);
    for (const name of natsNames) expect(service(name).image).toMatch(/^nats:2\.15\.1/);
  });

  it('looks after the health of all that others made; ours is looked after by the image', () => {
    for (const [name, { healthcheck, image }] of Object.entries(compose.services)) {
      const isOurs = image === 'waybill:local';
      expect(healthcheck?.['test'] !== undefined, name).toBe(!isOurs);
    }
    expect(service('provision').healthcheck).toEqual({ disable: true });
  });

  it('publishes the balancer, what shows something and the ingress of each region, on loopback', () => {
    const published = Object.entries(compose.services).flatMap(([name, { ports }]) => ports.map((port) => `${name} ${port}`));
    expect(published).toEqual([
      'balancer 127.0.0.1:8080:8080',
      'prometheus 127.0.0.1:9090:9090',
      'grafana 127.0.0.1:3000:3000',
      'jaeger 127.0.0.1:16686:16686',
      'ingress-us-central1 127.0.0.1:8081:8080',
      'ingress-europe-west1 127.0.0.1:8082:8080',
    ]);
  });

  it('keeps every store in a volume of its own', () => {
    const stores = Object.entries(compose.services).flatMap(([name, one]) => storesOf(one).map((volume) => `${name} ${volume}`));
    const expected = [
      ...natsNames.map((name) => `${name} ${name}:/data`),
      ...REGIONS.flatMap((region) => [
        `postgres-${region} postgres-${region}:/var/lib/postgresql/data`,
        `ingress-${region} ingress-${region}:/data`,
      ]),
      'prometheus prometheus:/prometheus',
    ];
    expect(stores.toSorted()).toEqual(expected.toSorted());
    expect(Object.keys(compose.volumes).toSorted()).toEqual(expected.map((store) => store.split(' ')[0] ?? '').toSorted());
  });

  it('lets services reach only their own region and the ingresses, and only its NATS the hub', () => {
    for (const { region, name, service: own } of ownServices)
      expect(own.networks).toEqual(name === 'projector' ? [region] : [region, 'edge']);
    for (const region of REGIONS) expect(service(`nats-${region}`).networks).toEqual([region, 'hub']);
    for (const name of HUB) expect(service(name).networks).toEqual(['hub']);
    expect(service('jaeger').networks).toEqual(REGIONS);
    expect(service('prometheus').networks).toEqual([...REGIONS, 'edge']);
    expect(service('grafana').networks).toEqual(['edge']);
  });
});

describe('the secrets of docker-compose.yml', () => {
  it('are references to what "waybill secrets" makes', () => {
    const referred = referencesIn(composeText());
    const required = referred.filter(({ kind }) => kind === 'required');
    expect(new Set(required.map(({ text }) => text))).toEqual(new Set(['run waybill secrets']));
    expect([...new Set(required.map(({ name }) => name))].toSorted()).toEqual(Object.keys(secrets.env).toSorted());
    for (const { name } of referred.filter(({ kind }) => kind === 'optional'))
      expect(composeText().split('x-everywhere')[0]).toContain(name);
  });

  it('stand in no value', () => {
    const telling = /PASSWORD|KEY|SECRET|TOKEN|DATABASE_URL|^NATS_/;
    for (const [name, { environment }] of Object.entries(compose.services))
      for (const [key, value] of Object.entries(environment))
        if (telling.test(key))
          expect(value, `${name} ${key}`).toMatch(
            /^(?:[\w/:]+:)?\$\{\w+:\?[^}]*\}(?:@[\w.:/-]+)?$|^\$\{(?:GITHUB_\w+|OPERATOR_API_KEY|VIEWER_API_KEY):-\}$/,
          );
  });

  it('of the GitHub App go to those who use it', () => {
    const holders = Object.entries(compose.services).filter(([, { environment }]) => 'GITHUB_APP_PRIVATE_KEY' in environment);
    const services = ['ingress', 'planner', 'dispatcher'].flatMap((role) => REGIONS.map((region) => `${role}-${region}`));
    expect(holders.map(([name]) => name).toSorted()).toEqual(services.toSorted());
  });

  it('go to whom they belong, and to nobody else', () => {
    for (const region of REGIONS) {
      expect(secretsOf(`ingress-${region}`)).toEqual(['MANAGEMENT_API_KEY', variable(region, 'ingress'), 'REGION_SHARED_KEY']);
      expect(secretsOf(`planner-${region}`)).toEqual([variable(region, 'planner'), 'REGION_SHARED_KEY']);
      expect(secretsOf(`dispatcher-${region}`)).toEqual([variable(region, 'dispatcher'), 'REGION_SHARED_KEY']);
      expect(secretsOf(`projector-${region}`)).toEqual([variable(region, 'projector'), 'POSTGRES_PASSWORD'].toSorted());
      expect(secretsOf(`postgres-${region}`)).toEqual(['POSTGRES_PASSWORD']);
    }
    expect(secretsOf('provision')).toEqual(['NATS_HUB_ADMIN', ...REGIONS.map((region) => variable(region, 'provisioner'))].toSorted());
    expect(secretsOf('balancer')).toEqual([]);
    expect(secretsOf('canary')).toEqual(['MANAGEMENT_API_KEY']);
    for (const name of natsNames) expect(Object.keys(service(name).environment).toSorted()).toEqual(secretsOf(name));
  });
});

describe('what docker-compose.yml tells the services', () => {
  it.each(ownServices)('is understood by the $name of $region', ({ region, name, service: own }) => {
    const env = resolvedEnvironment(own, secrets.env);
    expect(checkRegions(env)).toMatchObject({
      problems: [],
      multiRegion: { region, enabled: true, failoverEnabled: false, order: REGIONS },
    });
    expect(connectionOf({ service: name, region }, env)).toMatchObject({
      servers: `nats://nats-${region}:4222`,
      user: name,
      password: secrets.env[variable(region, name)],
    });
    expect(env['CONTROL_DOMAIN']).toBe('hub');
  });

  it('is in .env.example', () => {
    const example = readFileSync(join(REPOSITORY, '.env.example'), 'utf8');
    const known = (name: string): boolean => new RegExp(`^#? ?${name}=`, 'm').test(example);
    const named = new Set(ownServices.flatMap(({ service: own }) => Object.keys(own.environment)));
    expect([...named].filter((name) => !known(name))).toEqual([]);
  });

  it('leads to services that are there', () => {
    for (const region of REGIONS) {
      expect(service(`ingress-${region}`).environment['PROJECTOR_URL']).toBe(`http://projector-${region}:8080`);
      expect(service(`projector-${region}`).environment['DATABASE_URL']).toMatch(new RegExp(`@postgres-${region}:5432/waybill$`));
    }
    const [a, b] = REGIONS.map((region) => composeText().split(`ingress-${region}:\n`)[1]);
    const { WAYBILL_INGRESS_A, WAYBILL_INGRESS_B } = resolvedEnvironment(service('balancer'), {});
    expect(WAYBILL_INGRESS_A).toBe('172.31.250.11:8080');
    expect(WAYBILL_INGRESS_B).toBe('172.31.250.12:8080');
    expect(resolved(a ?? '', secrets.env)).toContain("ipv4_address: '172.31.250.11'");
    expect(resolved(b ?? '', secrets.env)).toContain("ipv4_address: '172.31.250.12'");
    expect(service('waybill').environment['WAYBILL_URL']).toBe('http://balancer:8080');
    const doors = REGIONS.map((region) => `${region}=http://ingress-${region}:8080`);
    expect(service('canary').environment).toMatchObject({ PORT: '9464', CANARY_DOORS: doors.join(',') });
  });
});

describe('infra/docker/nats', () => {
  const folder = join(REPOSITORY, 'infra/docker/nats');
  const rendered = renderDeployment(deployment);

  it('holds what "waybill nats-config --deployment infra/docker/deployment.json --out infra/docker/nats" makes, and nothing else', () => {
    expect(readdirSync(folder).toSorted()).toEqual(rendered.map(({ file }) => file).toSorted());
    for (const { file, text } of rendered) expect(readFileSync(join(folder, file), 'utf8'), file).toBe(text);
  });

  it('has a variable for each password, and no password', () => {
    expect(Object.keys(deployment.passwords).toSorted()).toEqual(
      deploymentUsers(deployment)
        .map(({ key }) => key)
        .toSorted(),
    );
    expect(Object.values(deployment.passwords).every((secret) => typeof secret !== 'string')).toBe(true);
  });

  it('is mounted where its servers run, which are named as the others dial them and keep their files in their volume', () => {
    const servers = [...deployment.hub, ...deployment.regions.flatMap((region) => region.servers)];
    expect(servers.map(({ host }) => host)).toEqual(natsNames);
    for (const [index, { host, listenHost, storeDir, monitorPort }] of servers.entries()) {
      expect(service(host).volumes).toEqual([
        `${host}:${storeDir}`,
        `./infra/docker/nats/${rendered[index]?.file}:/etc/nats/waybill.conf:ro`,
      ]);
      expect(service(host).healthcheck?.['test']).toContain(`http://127.0.0.1:${monitorPort}/healthz`);
      expect(listenHost).toBe('0.0.0.0');
    }
  });

  it('reads the variables that its server is given', () => {
    for (const [index, name] of natsNames.entries()) {
      const bare = (rendered[index]?.text ?? '').replaceAll(/"(?:\\.|[^"\\])*"/g, '""');
      const read = [...new Set([...bare.matchAll(/\$(\w+)/g)].map(([, one = '']) => one))];
      expect(Object.keys(service(name).environment).toSorted(), name).toEqual(read.toSorted());
    }
  });
});

describe('the image', () => {
  const dockerfile = readFileSync(join(REPOSITORY, 'infra/docker/Dockerfile'), 'utf8').replaceAll(/\\\n\s*/g, ' ');
  const instructions = dockerfile.split('\n').filter((line) => /^[A-Z]/.test(line));
  const last = instructions.slice(instructions.findLastIndex((line) => line.startsWith('FROM ')));
  const ignored = readFileSync(join(REPOSITORY, '.dockerignore'), 'utf8').split('\n');

  it('is built in stages, from a base that can be given with its digest', () => {
    expect(instructions[0]).toBe('ARG NODE_IMAGE=node:24-bookworm-slim');
    const froms = instructions.filter((line) => line.startsWith('FROM '));
    expect(froms).toEqual(['FROM ${NODE_IMAGE} AS build', 'FROM ${NODE_IMAGE}']);
    expect(instructions.find((line) => line.startsWith('RUN npm'))).toMatch(/npm ci +&& npm run build +&& npm prune --omit=dev/);
  });

  it('does not run as root, and says itself how it is', () => {
    expect(last.findLast((line) => line.startsWith('USER '))).toBe('USER node');
    expect(last.some((line) => /^HEALTHCHECK .*CMD \["node", /.test(line))).toBe(true);
    expect(last.find((line) => line.startsWith('ENTRYPOINT'))).toBe('ENTRYPOINT ["node", "--enable-source-maps"]');
    expect(dockerfile).not.toMatch(/\b(?:curl|wget|sudo)\b/);
  });

  it('holds no secret', () => {
    for (const line of instructions.filter((one) => /^(?:ARG|ENV) /.test(one))) expect(line).not.toMatch(/PASSWORD|KEY|SECRET|TOKEN|_URL/i);
    expect(ignored).toEqual(expect.arrayContaining(['.env', '.env.*', '.git', '.waybill', '**/node_modules', '**/dist']));
  });

  it('is given all that npm and the compiler want', () => {
    const kept = (path: string): boolean => !ignored.includes(path.split('/')[0] ?? '');
    const projects = globSync(
      ['packages/*', 'services/*', 'apps/*', 'bench', 'drills', 'gates', 'e2e', 'tsconfig*.json', 'package*.json'],
      {
        cwd: REPOSITORY,
      },
    );
    expect(projects.filter((path) => !kept(path))).toEqual([]);
  });
});
