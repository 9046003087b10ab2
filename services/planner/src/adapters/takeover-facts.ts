import { parseFactSubject, streamNames, subjects, type TakeoverClosed, takeoverClosedSchema } from '@waybill/contracts';
import { type Bus, type Publish, scanStream } from '@waybill/transport';
import type { TakeoverClosings } from '../application/takeover/stand-in.ts';

const ROLE = 'planner';

/** What this region says to others when it has stopped planning for them, by its own LOG. */
export function takeoverClosings(bus: Bus, self: string, publish: Publish): TakeoverClosings {
  return {
    isClosed: async (of, epoch) => {
      const told = await closedIn(bus, streamNames(self).log, subjects.factFilter(self, 'takeover.closed'));
      return told.some((fact) => fact.of === of && fact.epoch === epoch);
    },
    close: async (of, epoch) => {
      const fact: TakeoverClosed = { v: 1, of, by: self, epoch, role: ROLE, at: new Date().toISOString() };
      const msgId = `takeover.closed:${ROLE}:${of}:${epoch}`;
      await publish({ subject: subjects.fact(self, 'g', 'takeover.closed'), body: JSON.stringify(fact), msgId });
    },
  };
}

/** The regions whose planners said that they have stopped planning for `self` in this epoch. */
export async function plannersClosedFor(bus: Bus, self: string, epoch: number): Promise<ReadonlySet<string>> {
  const told = await closedIn(bus, streamNames(self).peers, subjects.peerFacts('takeover.closed'));
  return new Set(told.filter((fact) => fact.of === self && fact.epoch === epoch).map(({ by }) => by));
}

/** There are a few of these facts for each failure, so all are read. */
async function closedIn(bus: Bus, stream: string, filter: string): Promise<TakeoverClosed[]> {
  const facts: TakeoverClosed[] = [];
  await scanStream(bus, { stream, subjects: [filter] }, ({ subject, body }) => {
    const fact = takeoverClosedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
    // A region speaks for itself only.
    if (fact.role === ROLE && fact.by === parseFactSubject(subject)?.region) facts.push(fact);
  });
  return facts;
}
