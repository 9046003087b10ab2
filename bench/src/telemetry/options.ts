import { parseArgs } from 'node:util';
import { seconds, wholeNumber } from '../options.ts';
import { type Mode, MODES } from './modes.ts';

export interface TelemetryOptions {
  /** Events a second. */
  readonly rate: number;
  readonly events: number;
  readonly warmUpEvents: number;
  readonly rounds: number;
  /** The first is what the others are compared with. */
  readonly modes: readonly Mode[];
  readonly out?: string | undefined;
}

export const HELP = `npm run bench:telemetry -- [options]

Starts a stack for each mode: nothing is told, metrics, metrics with traces of a tenth and of all events. Then sends slices of load to one after the other, and
compares what they cost in CPU. Exit code 1 when an event was lost or a mode that should have sent spans sent none.

  --rate N          events a second                                                         (300)
  --duration T      how long a slice is, as 5s                                              (5s)
  --warm-up N       events that are sent before anything is measured                        (1000)
  --rounds N        how often every mode has its turn                                       (9)
  --modes A,B       of ${MODES.join(', ')}; the first is compared with      (all)
  --out FILE        where to write the result instead of bench/results/telemetry/<date>.json
  --help            this text`;

/** Parses the command line. Throws with a text for a person; undefined when help was asked for. */
export function parseTelemetryOptions(args: readonly string[]): TelemetryOptions | undefined {
  const text = { type: 'string' } as const;
  const { values } = parseArgs({
    args: [...args],
    options: { rate: text, duration: text, 'warm-up': text, rounds: text, modes: text, out: text, help: { type: 'boolean' } },
    strict: true,
  });
  if (values.help === true) return undefined;
  const rate = wholeNumber('rate', values.rate ?? '300', 1);
  return {
    rate,
    events: rate * seconds('duration', values.duration ?? '5s'),
    warmUpEvents: wholeNumber('warm-up', values['warm-up'] ?? '1000', 0),
    rounds: wholeNumber('rounds', values.rounds ?? '9', 1),
    modes: values.modes === undefined ? MODES : values.modes.split(',').map(modeOf),
    out: values.out,
  };
}

function modeOf(text: string): Mode {
  const mode = MODES.find((known) => known === text);
  if (mode === undefined) throw new Error(`--modes takes ${MODES.join(', ')}, not "${text}"`);
  return mode;
}
