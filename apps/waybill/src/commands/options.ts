import { resolve } from 'node:path';
import { jobRateSchema } from '@waybill/contracts';
import { Option } from 'commander';

/** Where a stack keeps its data; the same default for every command. */
export const dataOption = (): Option =>
  new Option('--data <dir>', 'data folder of the stack')
    .env('WAYBILL_DATA')
    .default(resolve('.waybill'), '.waybill')
    .argParser((dir: string) => resolve(dir));

/** Parses a whole number within a range. Throws with the range, which commander shows. */
export function wholeNumberIn(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max)
      throw new TypeError(`use a whole number from ${min} to ${max}, not "${text}"`);
    return value;
  };
}

/** Which region's API is asked; by default the first one that is up. */
export const regionOption = (): Option => new Option('--region <id>', 'ask this region; default: the first that is up');

/** Parses deliveries a second. Throws with the range, which commander shows. */
export function rateIn(text: string): number {
  const { success, data } = jobRateSchema.safeParse(Number(text));
  if (!success) throw new TypeError(`use deliveries a second from 0.1 to 10000, not "${text}"`);
  return data;
}

/** Parses a time; one without an offset is that of this machine. The result is ISO 8601 in UTC. Throws with an example, which commander shows. */
export function timeIn(text: string): string {
  const ms = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(ms)) throw new TypeError(`use a time such as 2026-01-31T09:30:00Z, not "${text}"`);
  return new Date(ms).toISOString();
}
