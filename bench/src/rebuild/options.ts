import { parseArgs } from 'node:util';

export interface RebuildOptions {
  readonly events: number;
  readonly runs: number;
  readonly database?: string | undefined;
  readonly out?: string | undefined;
  readonly cpuProfiles?: string | undefined;
}

export const HELP = `npm run bench:rebuild -- [options]

Writes a log of made-up events, each accepted, planned and attempted, lets a projector read it, and has the read models rebuilt and verified.
Exit code 1 when the rebuilt ones differ.

  --events N        events in the log; about three facts each                                      (20000)
  --runs N          rebuilds; the fastest counts                                                   (3)
  --database URL    PostgreSQL to keep the read models in, instead of SQLite
  --out FILE        where to write the result instead of bench/results/rebuild/<date>.json
  --cpu-prof DIR    write CPU profiles of the projector there
  --help            this text`;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseRebuildOptions(args: readonly string[]): RebuildOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { events: text, runs: text, database: text, out: text, 'cpu-prof': text, help: { type: 'boolean' } },
    strict: true,
  });
  if (values.help === true) return undefined;
  return {
    events: positive('events', values.events ?? '20000'),
    runs: positive('runs', values.runs ?? '3'),
    database: values.database,
    out: values.out,
    cpuProfiles: values['cpu-prof'],
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new TypeError(`--${name}: use a whole number from 1 on, not "${text}"`);
  return value;
}
