import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.ts';

export interface DashboardOptions {
  readonly events: number;
  /** How often each page is opened by a browser that knows nothing of it. */
  readonly opens: number;
  /** Rows of the event list that are scrolled through. */
  readonly rows: number;
  readonly out?: string | undefined;
}

export const HELP = `npm run bench:dashboard -- [options]

Makes the read models of a million events, lets a projector serve them with an ingress in front, and opens the built dashboard in Chromium. Exit code 1
when the first view of a page takes 1.5 s or more (the median of the opens), or scrolling stays below 50 frames a second.

  --events N      events in the store                                                       (1000000)
  --opens N       opens of each page, each with an empty cache                              (7)
  --rows N        rows of the event list that are scrolled through, at most 9000            (5000)
  --out FILE      where to write the result instead of bench/results/dashboard/<date>.json
  --help          this text`;

const MOST_ROWS = 9_000;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseDashboardOptions(args: readonly string[]): DashboardOptions | undefined {
  const text = { type: 'string' } as const;
  const options = { events: text, opens: text, rows: text, out: text, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  if (values.help === true) return undefined;
  return {
    events: wholeNumber('events', values.events ?? '1000000', 10_000),
    opens: wholeNumber('opens', values.opens ?? '7', 1),
    rows: Math.min(wholeNumber('rows', values.rows ?? '5000', 100), MOST_ROWS),
    out: values.out,
  };
}
