import {
  type FactType,
  parseFactSubject,
  regionChangedSchema,
  streamNames,
  subjects,
  takeoverClaimedSchema,
  takeoverClosedSchema,
} from '@waybill/contracts';
import { type Bus, type Publish, scanStream } from '@waybill/transport';
import { hash } from 'node:crypto';
import type { Persistence } from '../../application/persistence.ts';
import type { TakeoverFacts } from '../../application/takeover/takeover-ports.ts';
import { jsonOf } from './read-evidence.ts';

type HandoverType = Extract<FactType, 'region.changed' | 'takeover.claimed' | 'takeover.closed'>;

interface Told {
  readonly by: string;
  readonly seq: number;
  readonly body: unknown;
}

export interface HandoverParts {
  readonly bus: Bus;
  readonly publish: Publish;
  readonly region: string;
  readonly persistence: Pick<Persistence, 'until'>;
}

/** The facts of handing over in the LOG and PEERS of a region: few, so each reading reads them all. Reads and appends are repeated until NATS answers. */
export function handoverFacts({ bus, publish, region, persistence }: HandoverParts): TakeoverFacts {
  const { log, peers } = streamNames(region);
  const told = (type: HandoverType): Promise<Told[]> =>
    persistence.until(async () => [
      ...(await factsIn(bus, peers, subjects.peerFacts(type))),
      ...(await factsIn(bus, log, subjects.fact(region, 'g', type))),
    ]);
  const append = async (type: HandoverType, msgId: string, fact: object): Promise<void> => {
    await persistence.until(() => publish({ subject: subjects.fact(region, 'g', type), msgId, body: JSON.stringify(fact) }));
  };
  return {
    claims: async () =>
      (await told('takeover.claimed')).flatMap(({ by, body }) => {
        const { data } = takeoverClaimedSchema.safeParse(body);
        return data?.by === by ? [data] : [];
      }),
    closed: async () =>
      (await told('takeover.closed')).flatMap(({ by, body }) => {
        const { data } = takeoverClosedSchema.safeParse(body);
        return data?.by === by && data.role === 'dispatcher' ? [data] : [];
      }),
    changes: async () =>
      (await told('region.changed')).flatMap(({ by, seq, body }) => {
        const { data: change } = regionChangedSchema.safeParse(body);
        return change === undefined ? [] : [{ by, seq, change }];
      }),
    // The ids make equal claims one, and different ones two.
    appendClaimed: (fact) =>
      append('takeover.claimed', `claim:${fact.of}:${fact.epoch}:${hash('sha256', fact.deliveryIds.join(' '))}`, fact),
    appendClosed: (fact) => append('takeover.closed', `takeover.closed:${fact.role}:${fact.of}:${fact.epoch}`, fact),
    appendChanged: (fact) => append('region.changed', `changed:${fact.region}:${fact.epoch}:${fact.state}:${fact.share}:${fact.who}`, fact),
  };
}

async function factsIn(bus: Bus, stream: string, subject: string): Promise<Told[]> {
  const found: Told[] = [];
  await scanStream(bus, { stream, subjects: [subject] }, ({ subject: of, seq, body }) => {
    // A region speaks for itself only.
    const by = parseFactSubject(of)?.region;
    if (by !== undefined) found.push({ by, seq, body: jsonOf(body) });
  });
  return found;
}
