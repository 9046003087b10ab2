import type { DeadLetterFilter, JobSpec, RedriveSpec, ReplaySpec } from '@waybill/contracts';

/** A time range; an end that is absent is open. `to` is not part of it. */
interface Range {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

const msOf = (time: string | undefined, open: number): number => (time === undefined ? open : Date.parse(time));

const meet = (one: Range, other: Range): boolean =>
  msOf(one.from, -Infinity) < msOf(other.to, Infinity) && msOf(other.from, -Infinity) < msOf(one.to, Infinity);

/** Given in both, and not the same: nothing can fit both. */
const differ = (one: string | undefined, other: string | undefined): boolean => one !== undefined && other !== undefined && one !== other;

const FILTER_FIELDS = ['tenantId', 'endpointId', 'reason', 'eventType', 'region'] as const satisfies readonly (keyof DeadLetterFilter)[];

function redrivesOverlap(one: RedriveSpec, other: RedriveSpec): boolean {
  if (one.ids !== undefined && other.ids !== undefined) {
    const ids = new Set(one.ids);
    return other.ids.some((id) => ids.has(id));
  }
  const [mine, theirs] = [one.filter, other.filter];
  // Which of the listed ones a filter matches, only the read models know.
  if (mine === undefined || theirs === undefined) return true;
  return meet(mine, theirs) && !FILTER_FIELDS.some((field) => differ(mine[field], theirs[field]));
}

const targetOf = ({ into, endpointId }: ReplaySpec): string | undefined => into ?? endpointId;

/** Whether no event can be of a type of both lists; with a pattern among them that is not looked into. */
function areDisjoint(types: readonly string[], others: readonly string[]): boolean {
  return ![...types, ...others].some((type) => type.includes('*')) && !types.some((type) => others.includes(type));
}

function replaysOverlap(one: ReplaySpec, other: ReplaySpec): boolean {
  if (one.eventTypes !== undefined && other.eventTypes !== undefined && areDisjoint(one.eventTypes, other.eventTypes)) return false;
  if (differ(one.tenantId, other.tenantId) || differ(one.region, other.region) || differ(targetOf(one), targetOf(other))) return false;
  return meet(one, other);
}

/** Whether two jobs could work on the same: sure to say so when they do, and sometimes when they do not. */
export function jobsOverlap(one: JobSpec, other: JobSpec): boolean {
  if (one.kind === 'redrive') return other.kind === 'redrive' && redrivesOverlap(one, other);
  return other.kind === 'replay' && replaysOverlap(one, other);
}

/** A dead letter, as far as filters look at it. */
type Filtered = { readonly [Field in (typeof FILTER_FIELDS)[number]]?: string | null | undefined } & {
  readonly id: string;
  readonly at: string;
};

/** Whether a job that was made after `deadLetter` would have it in its list. */
export function worksOn(spec: JobSpec, deadLetter: Filtered): boolean {
  if (spec.kind !== 'redrive') return false;
  if (spec.ids !== undefined) return spec.ids.includes(deadLetter.id);
  const { filter = {} } = spec;
  const atMs = Date.parse(deadLetter.at);
  const isInTime = msOf(filter.from, -Infinity) <= atMs && atMs < msOf(filter.to, Infinity);
  return isInTime && FILTER_FIELDS.every((field) => filter[field] === undefined || filter[field] === deadLetter[field]);
}
