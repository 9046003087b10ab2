import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.ts';

export interface ReadsOptions {
  readonly events: number;
  /** Questions to each route. */
  readonly questions: number;
  readonly atOnce: number;
  readonly out?: string | undefined;
}

export const HELP = `npm run bench:reads -- [options]

Makes the read models of a million events, lets a projector serve them with an ingress in front, and asks every list, detail and number that pages are
made of. Exit code 1 when the 95th percentile of one is 100 ms or more.

  --events N      events in the store                                                       (1000000)
  --questions N   questions to each route                                                   (300)
  --at-once N     questions that are under way together                                     (1)
  --out FILE      where to write the result instead of bench/results/reads/<date>.json
  --help          this text`;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseReadsOptions(args: readonly string[]): ReadsOptions | undefined {
  const text = { type: 'string' } as const;
  const options = { events: text, questions: text, 'at-once': text, out: text, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ args: [...args], options, strict: true });
  if (values.help === true) return undefined;
  return {
    events: wholeNumber('events', values.events ?? '1000000', 1_000),
    questions: wholeNumber('questions', values.questions ?? '300', 1),
    atOnce: wholeNumber('at-once', values['at-once'] ?? '1', 1),
    out: values.out,
  };
}
