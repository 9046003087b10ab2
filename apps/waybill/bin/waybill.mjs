#!/usr/bin/env node
// Runs the built command line with the project's own Node, and builds it first where that has not been done.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const main = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const ownNode = `${root}node_modules/.bin/node`;
const node = existsSync(ownNode) ? ownNode : process.execPath;

if (node === process.execPath && Number(process.versions.node.split('.')[0]) < 24) {
  console.error(
    `waybill needs Node 24 or newer; this is ${process.version}. Run "npm ci" in the repository, which brings one where it can.`,
  );
  process.exit(1);
}
if (!existsSync(main)) {
  console.error('waybill: building once …');
  const built = spawnSync(node, [`${root}node_modules/typescript/bin/tsc`, '-b'], { cwd: root, stdio: 'inherit' });
  if (built.status !== 0) process.exit(built.status ?? 1);
}
const ran = spawnSync(node, [main, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(ran.status ?? 1);
