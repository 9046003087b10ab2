import type { DiscardPorts } from './dead-letters/discard.ts';
import type { InstructPorts } from './deliveries/instruct-delivery.ts';
import type { ReplayPorts } from './jobs/replay.ts';

/** What the commands on dead letters, deliveries and jobs need. */
export type RecoveryPorts = DiscardPorts & InstructPorts & ReplayPorts;
