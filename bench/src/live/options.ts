import { parseArgs } from 'node:util';
import { wholeNumber } from '../options.ts';

export interface LiveOptions {
  readonly clients: number;
  /** Of the clients, those that read nothing for the second third of the run, and then come back. */
  readonly stalled: number;
  /** Changes a second. */
  readonly rate: number;
  readonly seconds: number;
  readonly out?: string | undefined;
}

export const HELP = `npm run bench:live -- [options]

Starts a stack of its own, lets clients follow /v1/live of its ingress, changes something so many times a second, and compares what each client was told
with what was changed. Exit code 1 when a client missed a change.

  --clients N       clients that follow                                                              (300)
  --stalled N       of them, those that read nothing for a third of the time and then come back      (3)
  --rate N          changes a second: an event each, which is accepted and planned                   (20)
  --seconds N       how long                                                                         (30)
  --out FILE        where to write the result instead of bench/results/live/<date>.json
  --help            this text`;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseLiveOptions(args: readonly string[]): LiveOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { clients: text, stalled: text, rate: text, seconds: text, out: text, help: { type: 'boolean' } },
    strict: true,
  });
  if (values.help === true) return undefined;
  const clients = wholeNumber('clients', values.clients ?? '300', 1);
  return {
    clients,
    stalled: Math.min(clients, wholeNumber('stalled', values.stalled ?? '3', 0)),
    rate: wholeNumber('rate', values.rate ?? '20', 1),
    seconds: wholeNumber('seconds', values.seconds ?? '30', 1),
    out: values.out,
  };
}
