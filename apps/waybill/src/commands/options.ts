import { resolve } from 'node:path';
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
