import type { Logger } from '@waybill/runtime';
import type { RegistryView, RegistryWriter } from '@waybill/transport';

export interface Announcement {
  readonly region: string;
  /** Where this region's ingress is reached from outside. */
  readonly url: string;
  /** Where the other regions' services reach it. */
  readonly internalUrl: string;
  readonly view: Pick<RegistryView, 'regionUrl' | 'internalUrl'>;
  readonly writer: Pick<RegistryWriter, 'put'>;
  readonly logger: Logger;
  readonly nowMs: () => number;
}

const AGAIN_MS = 1_000;

/**
 * Writes the address of this region into the registry when it is another than the one that stands there, so that the other regions can name it. Tries
 * until NATS takes it; returns at once, with how to stop.
 */
export function announceAddress({ region, url, internalUrl, view, writer, logger, nowMs }: Announcement): () => void {
  let timer: NodeJS.Timeout | undefined;
  let isStopped = false;
  const announce = async (): Promise<void> => {
    try {
      if (view.regionUrl(region) === url && view.internalUrl(region) === internalUrl) return;
      const internal = internalUrl === url ? {} : { internalUrl };
      await writer.put('region', [region], { id: region, url, ...internal, updatedAt: new Date(nowMs()).toISOString() });
    } catch (error) {
      logger.debug({ event: 'region.address_not_written', err: error }, 'tried again in a moment');
      if (!isStopped) timer = setTimeout(() => void announce(), AGAIN_MS).unref();
    }
  };
  void announce();
  return () => {
    isStopped = true;
    clearTimeout(timer);
  };
}
