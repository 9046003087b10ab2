#!/usr/bin/env node
// Writes the configuration files of all NATS servers of a deployment: node infra/nats/render.mjs <deployment.json> <folder>
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { deploymentSchema, renderDeployment } from '@waybill/nats-server';

const [source, folder] = process.argv.slice(2);
if (source === undefined || folder === undefined) {
  process.stderr.write('usage: node infra/nats/render.mjs <deployment.json> <folder>\n');
  process.exit(2);
}
const parsed = deploymentSchema.safeParse(JSON.parse(readFileSync(source, 'utf8')));
if (!parsed.success) {
  for (const { path, message } of parsed.error.issues) process.stderr.write(`${source}: ${path.join('.')}: ${message}\n`);
  process.exit(1);
}
mkdirSync(folder, { recursive: true });
// For the owner's eyes only: there are passwords in them unless the deployment names environment variables.
for (const { file, text } of renderDeployment(parsed.data)) writeFileSync(join(folder, file), text, { mode: 0o600 });
