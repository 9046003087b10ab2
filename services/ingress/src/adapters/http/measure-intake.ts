import { problemCodeOf } from '@waybill/runtime';
import type { ErrorCode } from '@waybill/contracts';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Brought } from '../../application/visit.ts';
import { broughtBy } from './visit.ts';

/** Where events come in. */
export const DOORS = { '/v1/tenants/:tenantId/events': 'api', '/webhooks/github': 'github', '/webhooks/:sourceId': 'webhook' } as const;
export type Door = (typeof DOORS)[keyof typeof DOORS];
const doors = new Map<string, Door>(Object.entries(DOORS));
const ACCEPTED = 202;

/** How the sender of an event was answered. */
export interface IntakeAnswer {
  readonly door: Door;
  /** 202, or 400 and above. */
  readonly status: number;
  /** From the head of the request to the end of the answer. */
  readonly ms: number;
  /** Undefined when it was refused. */
  readonly brought: Brought | undefined;
  /** Why it was refused. */
  readonly problem: ErrorCode | undefined;
  readonly request: FastifyRequest;
}

/** Whether an event was taken in, or was there. */
export const isAccepted = ({ status }: IntakeAnswer): boolean => status === ACCEPTED;

const ignored = new WeakSet<FastifyRequest>();
/** Keeps an answer out of the measure that was no event: it takes no time, and would make the others look quicker. */
export const leaveUnmeasured = (request: FastifyRequest): void => void ignored.add(request);

/** Tells each answer to a sender of events, when it is over. */
export function measureIntake(fastify: FastifyInstance, told: (answer: IntakeAnswer) => void): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    done();
    const door = doors.get(request.routeOptions.url ?? '');
    const { statusCode: status, elapsedTime: ms } = reply;
    if (door === undefined || ignored.has(request) || (status !== ACCEPTED && status < 400)) return;
    told({ door, status, ms, brought: broughtBy(request), problem: problemCodeOf(reply), request });
  });
}
