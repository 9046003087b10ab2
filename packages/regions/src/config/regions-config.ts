import { WaybillError } from '@waybill/contracts';
import { checkRegions } from './check-regions.ts';
import type { MultiRegion } from './multi-region.ts';
import type { RegionConfig } from './region-config.ts';

interface Declared {
  readonly regions: readonly RegionConfig[];
  readonly multiRegion: MultiRegion;
}

let ofThisProcess: Declared | undefined;

function declaredIn(env: NodeJS.ProcessEnv): Declared {
  const { regions, multiRegion, problems } = checkRegions(env);
  if (multiRegion === undefined) throw new WaybillError('WB_CONFIG_INVALID', problems.join('\n'));
  return { regions, multiRegion };
}

/** The environment of this process is read once, when it is first needed; one that is passed in is read each time. */
function declared(env: NodeJS.ProcessEnv | undefined): Declared {
  if (env !== undefined) return declaredIn(env);
  ofThisProcess ??= declaredIn(process.env);
  return ofThisProcess;
}

/**
 * The declared regions: those of REGIONS_CONFIG; else the one of REGION_HOST and REGION_KEY (or NATS_URL, NATS_USER, NATS_PASSWORD) with the id
 * REGION, default `local`; else none, which is the embedded single-region default. Throws WB_CONFIG_INVALID whose detail has one line per
 * problem, those with the flags of `getMultiRegion` included, and no secret.
 */
export function getRegionConfigs(env?: NodeJS.ProcessEnv): readonly RegionConfig[] {
  return declared(env).regions;
}

/** The flags about the regions, and the order among them. Throws what `getRegionConfigs` throws. */
export function getMultiRegion(env?: NodeJS.ProcessEnv): MultiRegion {
  return declared(env).multiRegion;
}
