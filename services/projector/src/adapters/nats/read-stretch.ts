import { streamNames } from '@waybill/contracts';
import { type Bus, type Incoming, scanStream } from '@waybill/transport';
import type { ReadStretch, Stretch } from '../../application/live/live-ports.ts';
import type { Fact } from '../../domain/fact.ts';
import { fold } from '../../domain/fold.ts';
import { changeOf } from '../../domain/live/live-change.ts';
import type { LivePosition } from '../../domain/live/live-position.ts';
import { readFact } from '../../domain/read-fact.ts';
import { NOTHING_BEFORE } from '../../domain/live/nothing-before.ts';
import { streamState } from './stream-state.ts';

/** Who missed more asks for everything anew, which costs less. */
const MOST_MESSAGES = 20_000;
/** Messages that make one frame. */
const AT_ONCE = 500;

/**
 * Reads what changed between two positions from LOG and PEERS. Facts alone say of a row less than all its facts together do: what is named is what they
 * are about, and `more` stands for the rest.
 */
export function stretchReader(bus: () => Bus | undefined, region: string): ReadStretch {
  const names = streamNames(region);
  return async (from, to, streams) => {
    const connected = bus();
    const missed = to.log - from.log + (to.peers - from.peers);
    if (connected === undefined || missed > MOST_MESSAGES) return undefined;
    try {
      const own = await read(connected, { stream: names.log, part: 'log', created: streams.log, from, to: to.log });
      const beyondLog = { ...from, log: to.log };
      const copies = await read(connected, { stream: names.peers, part: 'peers', created: streams.peers, from: beyondLog, to: to.peers });
      if (own === undefined || copies === undefined) return undefined;
      const registry: Stretch[] = to.registry > from.registry ? [{ position: to, change: { registry: true } }] : [];
      return [...own, ...copies, ...registry];
    } catch {
      return undefined;
    }
  };
}

interface Reading {
  readonly stream: string;
  readonly part: 'log' | 'peers';
  readonly created: string | null;
  readonly from: LivePosition;
  readonly to: number;
}

/** Undefined when the stream is not the one that was made then any more, or has lost what came after `from`. */
async function read(bus: Bus, { stream, part, created, from, to }: Reading): Promise<Stretch[] | undefined> {
  if (to <= from[part]) return [];
  const state = await streamState(bus, stream);
  if (state.created !== created || state.firstSeq > from[part] + 1) return undefined;
  const stretches: Stretch[] = [];
  let facts: Fact[] = [];
  const close = (seq: number): void => {
    const change = changeOf(facts, fold(NOTHING_BEFORE, facts));
    stretches.push({ position: { ...from, [part]: seq }, change: change && { ...change, more: true } });
    facts = [];
  };
  await scanStream(bus, { stream, subjects: ['>'], fromSeq: from[part] + 1, toSeq: to }, (message) => {
    if (facts.push(factOf(message)) === AT_ONCE) close(message.seq);
  });
  if (facts.length > 0) close(to);
  return stretches;
}

const factOf = ({ subject, body, stream, seq, timestampMs }: Incoming): Fact => readFact({ subject, body, stream, seq, timestampMs });
