import { CONSUMERS, streamNames, WaybillError } from '@waybill/contracts';
import type { Bus, TopologyOptions } from '@waybill/transport';
import type { Installation } from './installation.ts';
import { withProvisioners } from './provision-all.ts';

/**
 * Makes a region's copies of the other regions' facts anew. All regions must answer, and nobody may read the copies meanwhile: throws WB_CONFLICT
 * when somebody does, and nothing is changed. Interrupted, it can be run again.
 */
export async function rebuildCopies(
  installation: Installation,
  region: string,
  topology: Omit<TopologyOptions, 'peers'>,
  tell: (line: string) => void,
): Promise<void> {
  const ids = installation.deployment.regions.map(({ id }) => id);
  const { rebuildPeers } = await import('@waybill/transport');
  await withProvisioners(installation, { places: ids, tell }, async (buses) => {
    const own = buses.get(region);
    if (own === undefined) throw new WaybillError('WB_REGION_UNKNOWN', `region ${region}; there are ${ids.join(', ')}`);
    await refuseReaders(region, own);
    await rebuildPeers(
      [...buses].map(([id, bus]) => ({ id, bus })),
      region,
      topology,
    );
  });
}

/** A reader that waits for messages shows at its consumer. */
async function refuseReaders(region: string, bus: Bus): Promise<void> {
  const { peers } = streamNames(region);
  for (const durable of [CONSUMERS.dispatcherPeers, CONSUMERS.projector]) {
    const info = await bus.jsm.consumers.info(peers, durable).catch(() => undefined);
    if (info !== undefined && info.num_waiting > 0)
      throw new WaybillError(
        'WB_CONFLICT',
        `${durable} of ${region} reads ${peers}: stop the dispatcher and the projector of ${region} first`,
      );
  }
}
