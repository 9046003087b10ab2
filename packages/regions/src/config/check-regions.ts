import type { z } from 'zod';
import { didYouMean } from './did-you-mean.ts';
import { directServer, givenVariables } from './direct-server.ts';
import { readKey, resolveKey } from './key-reference.ts';
import { checkFlags, DEFAULT_REGION, type MultiRegion, multiRegionOf, ownRegions } from './multi-region.ts';
import type { RegionConfig } from './region-config.ts';
import { FIELD_NAMES, idProblem, regionSchema } from './region-schema.ts';
import { readYaml } from './yaml-text.ts';

/** What was understood of a declaration of regions, and everything that is wrong with it, one line each. */
export interface RegionsFound {
  /** Where the regions are declared; `nothing` is the embedded default. */
  readonly from: 'REGIONS_CONFIG' | 'REGION_HOST' | 'nothing';
  /** In the order declared. With problems: only the entries that have none of their own. */
  readonly regions: readonly RegionConfig[];
  /** Undefined when there are problems. */
  readonly multiRegion: MultiRegion | undefined;
  /** Each names the variable, the entry and the field, and what to do; never a secret. */
  readonly problems: readonly string[];
}

/**
 * Whose keys are looked up: `own`, of the regions that this process connects to (REGION and DISPATCHER_REGIONS; without either, all), for no process
 * needs the others' secrets; `all`; or `none`. The others' are checked for how they are written.
 */
export type KeysFound = 'own' | 'all' | 'none';

interface Text {
  readonly text: string;
  /** Where the text comes from, as problems name it. */
  readonly source: string;
  readonly env: Readonly<Record<string, string>>;
  readonly keys: KeysFound;
}

interface Entry {
  /** `entry 2 (europe-west1)` */
  readonly name: string;
  readonly id: string | undefined;
  readonly priority: number | undefined;
  readonly config: RegionConfig | undefined;
  readonly problems: readonly string[];
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null;

/**
 * Checks the regions that `env` declares, and the flags about them. `source` names where the text of REGIONS_CONFIG comes from. Reads the files
 * that the keys of `keys` refer to; changes nothing; never throws for what is written in the declaration.
 */
export function checkRegions(env: NodeJS.ProcessEnv, source = 'REGIONS_CONFIG', keys: KeysFound = 'own'): RegionsFound {
  const given = givenVariables(env);
  const text = given['REGIONS_CONFIG'];
  return text === undefined ? fromSingleRegion(given) : fromText({ text, source, env: given, keys });
}

function fromText(declared: Text): RegionsFound {
  const { source, env } = declared;
  const problems: string[] = [];
  const entries = readEntries(declared);
  const ids = 'problems' in entries ? [] : [...new Set(entries.list.flatMap(({ id }) => id ?? []))];
  const own = 'problems' in entries ? entries.problems : [...entries.list.flatMap(inEntry), ...betweenEntries(entries.list)];
  problems.push(...own.map((problem) => `${source}${problem}`));
  checkFlags(env, ids, (problem) => problems.push(problem));
  const regions = 'problems' in entries ? [] : entries.list.flatMap(({ config }) => config ?? []);
  return { from: 'REGIONS_CONFIG', regions, multiRegion: problems.length > 0 ? undefined : multiRegionOf(env, regions), problems };
}

function readEntries(declared: Text): { readonly list: readonly Entry[] } | { readonly problems: readonly string[] } {
  const yaml = readYaml(declared.text);
  if ('problems' in yaml) return { problems: yaml.problems.map((problem) => `: ${problem}`) };
  if (!Array.isArray(yaml.value)) return { problems: [': not a list; begin each region with "- id: ..."'] };
  if (yaml.value.length === 0) return { problems: [': an empty list; declare a region, or leave the variable out'] };
  const own = ownRegions(declared.env);
  const isLookedUp = (id: string | undefined): boolean =>
    declared.keys === 'all' || (declared.keys === 'own' && (own.length === 0 || id === undefined || own.includes(id)));
  return { list: yaml.value.map((raw: unknown, index) => readEntry(raw, index + 1, declared, isLookedUp)) };
}

function readEntry(raw: unknown, position: number, { source, env }: Text, isLookedUp: (id: string | undefined) => boolean): Entry {
  const { id, priority } = isRecord(raw) ? raw : {};
  const label = typeof id === 'string' && idProblem(id.trim()) === undefined ? id.trim() : undefined;
  const name = label === undefined ? `entry ${position}` : `entry ${position} (${label})`;
  const find = isLookedUp(label) ? (key: string) => resolveKey(key, env) : readKey;
  const parsed = regionSchema({ find, declaredAt: `${source}, ${name}` }).safeParse(raw);
  return {
    name,
    id: label,
    priority: typeof priority === 'number' && priority >= 1 ? priority : undefined,
    config: parsed.data,
    problems: parsed.error?.issues.flatMap(told) ?? [],
  };
}

const inEntry = ({ name, problems }: Entry): string[] => problems.map((problem) => `, ${name}${problem}`);

/** An issue as `, field: what and remedy`; the unknown fields of a mapping come as one issue and leave as a line each. */
function told(issue: z.core.$ZodIssue): string[] {
  const path = issue.path.join('.');
  if (issue.code !== 'unrecognized_keys') return [`${path === '' ? '' : `, ${path}`}: ${issue.message}`];
  const known = path === 'spillover' ? FIELD_NAMES.spillover : FIELD_NAMES.entry;
  return issue.keys.map((key) => unknownField(key, path, known));
}

/** In `{id: a, key:secret}` the missing space makes the secret part of a field's name: what is no plain word is not shown. */
function unknownField(key: string, path: string, known: readonly string[]): string {
  if (!/^[\w-]{1,40}$/.test(key)) return ': a field whose name is no plain word; put a space behind each colon';
  const meant = didYouMean(key, known);
  const remedy = meant === undefined ? `there are ${known.join(', ')}` : `did you mean ${meant}?`;
  return `, ${path === '' ? key : `${path}.${key}`}: unknown field; ${remedy}`;
}

/** What is only wrong because of another entry; told at the later one. */
function betweenEntries(entries: readonly Entry[]): string[] {
  return entries.flatMap((entry, index) => {
    const earlier = entries.slice(0, index);
    const sameId = earlier.find(({ id }) => id !== undefined && id === entry.id);
    const samePriority = earlier.find(({ priority }) => priority !== undefined && priority === entry.priority);
    return [
      ...(sameId === undefined ? [] : [`, ${entry.name}, id: ${sameId.name} has the same; give every region its own`]),
      ...(samePriority === undefined ? [] : [`, ${entry.name}, priority: ${equalPriority(samePriority)}`]),
    ];
  });
}

const equalPriority = ({ name, priority }: Entry): string =>
  priority === 1
    ? `two primaries: ${name} has priority 1 as well; keep it at one of them`
    : `${name} has priority ${priority} as well; give every region its own`;

/** Setups of one region, without REGIONS_CONFIG. */
function fromSingleRegion(env: Readonly<Record<string, string>>): RegionsFound {
  const problems: string[] = [];
  const id = env['REGION'] ?? DEFAULT_REGION;
  const wrong = idProblem(id);
  if (wrong !== undefined) problems.push(`REGION: ${wrong}`);
  checkFlags(env, [id], (problem) => problems.push(problem));
  const { host, key, user } = directServer(env);
  const spillover = { queueDepth: 100, concurrencyPercent: 80, errorRate: 0.05 };
  const regions: RegionConfig[] = host === undefined ? [] : [{ id, host, region: id, key, user, spillover }];
  return {
    from: host === undefined ? 'nothing' : 'REGION_HOST',
    regions,
    multiRegion: problems.length > 0 ? undefined : multiRegionOf(env, regions),
    problems,
  };
}
