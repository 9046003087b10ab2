import { controlKeys, type RegionRecord, regionRecordSchema } from '@waybill/contracts';
import { HUB } from '@waybill/nats-server';
import type { Bus, ControlBucket } from '@waybill/transport';
import { type Finding, fine, messageOf, wrong } from './finding.ts';

/** What a region wrote into the control bucket while it was watched. */
export interface Watched {
  /** Undefined: there is none. */
  readonly record: RegionRecord | undefined;
  readonly isRenewed: boolean;
  readonly isReported: boolean;
  readonly watchedMs: number;
}

const POLL_MS = 300;

interface Watching {
  /** The watch ends when these were written anew; nothing is expected of the others. */
  readonly until: ReadonlySet<string>;
  readonly budgetMs: number;
}

/** Watches the records and reports of regions. Throws when the bucket is away. */
export async function watchRenewals(
  bucket: ControlBucket,
  regions: readonly string[],
  { until, budgetMs }: Watching,
): Promise<ReadonlyMap<string, Watched>> {
  const startedMs = performance.now();
  const first = await readAll(bucket, regions);
  for (;;) {
    const now = await readAll(bucket, regions);
    const watchedMs = performance.now() - startedMs;
    const seen = regions.map((id) => [id, watched(first.get(id), now.get(id), watchedMs)] as const);
    const isOver = seen.every(([id, { isRenewed, isReported }]) => !until.has(id) || (isRenewed && isReported));
    if (isOver || watchedMs > budgetMs) return new Map(seen);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

interface Entries {
  readonly record: Awaited<ReturnType<ControlBucket['get']>>;
  readonly report: Awaited<ReturnType<ControlBucket['get']>>;
}

async function readAll(bucket: ControlBucket, regions: readonly string[]): Promise<Map<string, Entries>> {
  const read = async (id: string): Promise<[string, Entries]> => {
    const [record, report] = await Promise.all([bucket.get(controlKeys.region(id)), bucket.get(controlKeys.report(id))]);
    return [id, { record, report }];
  };
  return new Map(await Promise.all(regions.map(read)));
}

function watched(before: Entries | undefined, now: Entries | undefined, watchedMs: number): Watched {
  return {
    watchedMs,
    record: regionRecordSchema.safeParse(now?.record?.value).data,
    isRenewed: now?.record !== undefined && now.record.revision !== before?.record?.revision,
    isReported: now?.report !== undefined && now.report.revision !== before?.report?.revision,
  };
}

/** Whether those who work in a region can read the control bucket in the hub. */
export async function controlFinding(region: string, bus: Bus): Promise<Finding> {
  const what = `${region} control`;
  const { ControlBucket } = await import('@waybill/transport');
  const bucket = new ControlBucket(bus, HUB);
  try {
    await bucket.get(controlKeys.region(region));
    return fine(what, 'the control bucket can be read');
  } catch (error) {
    const remedy =
      (await bucket.reach()) === 'isolated'
        ? `the link of ${region} is down, or its user may not: see its server's log for "leafnode"`
        : 'the hub is heard but cannot answer: see its nodes above';
    return wrong(what, { detail: messageOf(error), remedy });
  }
}
