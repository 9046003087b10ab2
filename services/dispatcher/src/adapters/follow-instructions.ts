import { deliveryInstructedSchema, subjects } from '@waybill/contracts';
import type { Logger } from '@waybill/runtime';
import { type Bus, FactFollower, type Incoming } from '@waybill/transport';
import type { ScheduleDue } from '../application/attempt-ports.ts';
import { Instructions, INSTRUCTIONS_SINCE_MS } from '../application/instructions.ts';
import { type Persistence, Stopping } from '../application/persistence.ts';
import { findSchedule } from './takeover/retry-schedules.ts';

export interface FollowInstructionsParts {
  readonly bus: Bus;
  readonly region: string;
  readonly hasPeers: boolean;
  readonly persistence: Pick<Persistence, 'until'>;
  readonly scheduleDue: ScheduleDue;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

const STEP_MS = 500;

/** Follows what operators ask of deliveries, here and in other regions, and does it where this region has them. Returns how to stop. */
export function followInstructions(parts: FollowInstructionsParts): () => void {
  const { bus, region, hasPeers, scheduleDue, logger, nowMs } = parts;
  const instructions = new Instructions({ find: findSchedule(parts), scheduleDue, nowMs });
  const follower = new FactFollower({
    bus,
    region,
    hasPeers,
    filter: subjects.instructedDeliveries,
    sinceMs: nowMs() - INSTRUCTIONS_SINCE_MS,
    visit: (message) => note(instructions, message, logger),
    onFailure: (failure) => failure !== undefined && logger.warn({ event: 'instructions.unread', err: failure }, 'tried on'),
  });
  let stepping = false;
  const step = async (): Promise<void> => {
    if (stepping || instructions.size === 0) return;
    stepping = true;
    try {
      await instructions.step();
    } catch (error) {
      if (!(error instanceof Stopping)) logger.error({ event: 'instructions.failed', err: error }, 'tried again');
    } finally {
      stepping = false;
    }
  };
  const timer = setInterval(() => void step(), STEP_MS).unref();
  return () => {
    clearInterval(timer);
    follower.close();
  };
}

function note(instructions: Instructions, { body, stream, seq }: Incoming, logger: Logger): void {
  try {
    instructions.note(deliveryInstructedSchema.parse(JSON.parse(Buffer.from(body).toString('utf8'))));
  } catch (error) {
    logger.error({ event: 'instructions.unreadable', stream, seq, err: error }, 'an instruction is left out');
  }
}
