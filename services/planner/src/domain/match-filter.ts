import type { Filter, FilterCondition } from '@waybill/contracts';

type Operators = Exclude<FilterCondition, string | number | boolean | null>;

/** Whether a payload meets every condition of a filter. Paths step through objects and, by number, arrays. Own properties only. */
export function matchesFilter(filter: Filter, data: unknown): boolean {
  return Object.entries(filter).every(([path, condition]) => meets(condition, valueAt(data, path)));
}

function valueAt(data: unknown, path: string): unknown {
  let value = data;
  for (const part of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part) as unknown;
  }
  return value;
}

function meets(condition: FilterCondition, value: unknown): boolean {
  return typeof condition === 'object' && condition !== null ? meetsAll(condition, value) : value === condition;
}

/** Order is compared between numbers only: text that looks like a number is text. */
function meetsAll(wanted: Operators, value: unknown): boolean {
  return (
    (wanted.eq === undefined || value === wanted.eq) &&
    (wanted.ne === undefined || value !== wanted.ne) &&
    (wanted.in === undefined || wanted.in.some((one) => one === value)) &&
    (wanted.exists === undefined || (value !== undefined) === wanted.exists) &&
    (wanted.prefix === undefined || (typeof value === 'string' && value.startsWith(wanted.prefix))) &&
    inRange(wanted, value)
  );
}

function inRange(wanted: Operators, value: unknown): boolean {
  const { gt, gte, lt, lte } = wanted;
  if (gt === undefined && gte === undefined && lt === undefined && lte === undefined) return true;
  if (typeof value !== 'number') return false;
  return (
    (gt === undefined || value > gt) &&
    (gte === undefined || value >= gte) &&
    (lt === undefined || value < lt) &&
    (lte === undefined || value <= lte)
  );
}
