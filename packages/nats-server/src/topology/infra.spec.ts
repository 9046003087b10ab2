import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { deploymentSchema } from './deployment.ts';
import { renderDeployment } from './render-deployment.ts';
import { deploymentUsers } from './server-settings.ts';

const folder = join(import.meta.dirname, '../../../../infra/nats');
const deployment = deploymentSchema.parse(JSON.parse(readFileSync(join(folder, 'deployment.json'), 'utf8')));

describe('infra/nats', () => {
  it('holds what "waybill nats-config" makes of its deployment.json, and no other configuration', () => {
    const rendered = renderDeployment(deployment);
    const committed = readdirSync(folder).filter((file) => file.endsWith('.conf'));
    expect(committed.toSorted()).toEqual(rendered.map(({ file }) => file).toSorted());
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
});
