import { streamNames } from '@waybill/contracts';
import type { Bus } from './bus.ts';
import { REGISTRY_STREAM } from './peer-topology.ts';
import { API_ERRORS, orMissing } from './provision.ts';
import { refuseUnfinished } from './restore-mark.ts';

/** Throws WB_RESTORE_UNFINISHED when the LOG or the registry of a region is there by half: what is written there now would be lost when the restore is finished. */
export async function requireRestored(bus: Bus, region: string): Promise<void> {
  for (const name of [streamNames(region).log, REGISTRY_STREAM]) {
    const present = await orMissing(bus.jsm.streams.info(name), API_ERRORS.streamMissing);
    if (present !== undefined) refuseUnfinished(present.config);
  }
}
