/** One import as the scanner saw it: `file` is relative to the repository's root, with forward slashes. */
export interface ImportSeen {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

/** Where a file lives: `layer` is the folder below `src`, or '' for the composition root (`main.ts`, `app.module.ts`). */
interface Place {
  readonly kind: 'packages' | 'services' | 'apps';
  readonly name: string;
  readonly layer: string;
}

const SERVICES: ReadonlySet<string> = new Set(['ingress', 'planner', 'dispatcher', 'projector']);

/** Which of our packages a package may import. Lower never sees higher; `nats-server` knows only names. */
const LOWER: Readonly<Record<string, readonly string[]>> = {
  contracts: [],
  egress: [],
  'nats-server': ['contracts'],
  runtime: ['contracts'],
  transport: ['contracts', 'runtime'],
  regions: ['contracts', 'runtime', 'transport'],
  audit: ['contracts', 'runtime', 'transport'],
  bodies: ['contracts', 'runtime', 'transport'],
  dispatching: ['contracts'],
  traces: ['contracts'],
  'github-fake': ['contracts'],
  github: ['contracts', 'dispatching', 'runtime'],
  testkit: ['contracts', 'runtime', 'transport', 'regions', 'nats-server'],
};

/** Packages without I/O: whatever is pure may import them. */
const PURE_PACKAGES: ReadonlySet<string> = new Set(['contracts', 'dispatching']);

/** What the core may import from outside: no clock, no chance, no I/O. Of node:crypto only the hashing half (see rules.ts). */
const PURE: ReadonlySet<string> = new Set(['zod', 'node:crypto', 'node:buffer', 'node:util']);

/** Specs, and what only specs use: a `testing/` folder, `*.fixture.ts`, `*.conformance.ts`. */
const isTestFile = (file: string): boolean => /\.(spec|fixture|conformance)\.ts$|\/testing\//.test(file);

/** Finds the package, service or app of a file; undefined for everything that has no layers (root, gates, e2e, bench). */
export function placeOf(file: string): Place | undefined {
  const match = /^(packages|services|apps)\/([^/]+)\/src\/(.+)$/.exec(file);
  const [, kind, name, rest] = match ?? [];
  if (name === undefined || rest === undefined) return undefined;
  if (kind !== 'packages' && kind !== 'services' && kind !== 'apps') return undefined;
  return { kind, name, layer: rest.includes('/') ? rest.slice(0, rest.indexOf('/')) : '' };
}

/** Joins a relative specifier onto the folder of `file`; the result is relative to the repository's root. */
function resolveRelative(file: string, specifier: string): string {
  const parts = file.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function crossesInto(seen: ImportSeen, from: Place, target: string): string | undefined {
  const own = `${from.kind}/${from.name}/`;
  if (!target.startsWith(own)) return `${seen.specifier} leaves ${own}: import packages by name, and services not at all`;
  if (isTestFile(seen.file)) return undefined;
  if (isTestFile(target)) return 'only tests import what is for tests';
  if (from.kind !== 'services') return undefined;
  const layer = placeOf(target)?.layer ?? '';
  if (from.layer === 'domain' && layer !== 'domain') return 'domain imports only domain and @waybill/contracts';
  if (from.layer === 'application' && layer !== 'domain' && layer !== 'application') {
    return 'application imports only domain, application and @waybill/contracts: declare a port instead';
  }
  const isRoot = /\/src\/(main|app\.module)\.ts$/.test(target);
  return from.layer !== '' && isRoot ? 'nothing imports the composition root' : undefined;
}

/** The testkit is built on the packages, so their own specs cannot use it: a clean clone could build neither before the other. */
function judgeTestkit(seen: ImportSeen, from: Place): string | undefined {
  if (from.name === 'testkit') return undefined;
  if (from.kind === 'packages')
    return `@waybill/testkit is built on @waybill/${from.name}: its specs start @waybill/nats-server themselves`;
  return isTestFile(seen.file) ? undefined : '@waybill/testkit is for tests only';
}

function workspaceImport(seen: ImportSeen, from: Place, name: string): string | undefined {
  if (SERVICES.has(name)) return `nothing imports the service ${name}: services meet in facts, not in code`;
  if (name === 'testkit') return judgeTestkit(seen, from);
  if (isTestFile(seen.file)) return undefined;
  if (from.kind === 'packages' && !(LOWER[from.name] ?? []).includes(name)) return `@waybill/${from.name} is below @waybill/${name}`;
  if (from.kind !== 'services') return undefined;
  if (from.layer === 'domain' && !PURE_PACKAGES.has(name)) return `domain may not import @waybill/${name}`;
  if (from.layer === 'application' && !PURE_PACKAGES.has(name) && !seen.typeOnly) {
    return `application may not import @waybill/${name}, except for types (import type)`;
  }
  return undefined;
}

function outsideImport(seen: ImportSeen, from: Place): string | undefined {
  if (isTestFile(seen.file)) return undefined;
  const { specifier } = seen;
  if (from.kind === 'services' && (from.layer === 'domain' || from.layer === 'application')) {
    return PURE.has(specifier) ? undefined : `${from.layer} may not import ${specifier}: only what is pure (${[...PURE].join(', ')})`;
  }
  if (specifier.startsWith('@nats-io/') && !['transport', 'testkit'].includes(from.name)) {
    return '@waybill/transport is the only home of JetStream';
  }
  if (from.name === 'contracts' && specifier !== 'zod' && specifier !== 'node:crypto') return 'contracts knows only zod';
  return undefined;
}

/** Judges one import. Returns what is wrong with it, or undefined. Pure. */
export function judgeImport(seen: ImportSeen): string | undefined {
  const from = placeOf(seen.file);
  if (from === undefined) return undefined;
  if (seen.specifier.startsWith('.')) return crossesInto(seen, from, resolveRelative(seen.file, seen.specifier));
  const workspace = /^@waybill\/([^/]+)/.exec(seen.specifier)?.[1];
  return workspace === undefined ? outsideImport(seen, from) : workspaceImport(seen, from, workspace);
}

/** True where time, chance and the environment have to come in as arguments: `domain/` and `application/` of a service. */
export function isCore(file: string): boolean {
  const place = placeOf(file);
  return place?.kind === 'services' && (place.layer === 'domain' || place.layer === 'application') && !isTestFile(file);
}

/** Besides runtime's loader, `getRegionConfigs()` reads the environment itself, once per process, so that every caller means the same regions. */
const CONFIG_LOADERS: ReadonlySet<string> = new Set(['packages/runtime/src/config.ts', 'packages/regions/src/config/regions-config.ts']);

/** True for the files that may read `process.env`: the config loaders, the entry points (of the CLI: its commands), and tests. */
export function mayReadEnvironment(file: string): boolean {
  const place = placeOf(file);
  if (place === undefined || isTestFile(file) || place.name === 'testkit') return true;
  if (place.kind === 'apps' && place.layer === 'commands') return true;
  return CONFIG_LOADERS.has(file) || (place.kind !== 'packages' && file.endsWith('/src/main.ts'));
}
