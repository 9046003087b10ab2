import type { AuditedRegion } from '@waybill/audit';
import type { Installation } from '../deployment/installation.ts';
import { reach } from '../doctor/reach.ts';

/** Connects to all regions of an installation as their operators, does something, and closes the connections. Throws when one does not answer. */
export async function withOperators<T>(installation: Installation, use: (regions: readonly AuditedRegion[]) => Promise<T>): Promise<T> {
  const { regions } = installation.deployment;
  const reached = await Promise.all(
    regions.map(async ({ id }) => ({ id, reached: await reach(installation, { place: id, user: 'operator' }) })),
  );
  const up = reached.flatMap(({ id, reached: one }) => ('bus' in one ? [{ id, bus: one.bus }] : []));
  try {
    const away = reached.flatMap(({ id, reached: one }) => ('failure' in one ? [`${id}: ${one.failure}`] : []));
    if (away.length > 0) throw new Error(`all regions are needed, and these cannot be asked: ${away.join('; ')}`);
    return await use(up);
  } finally {
    await Promise.all(up.map(({ bus }) => bus.close()));
  }
}
