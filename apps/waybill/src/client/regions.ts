import { z } from 'zod';
import { table } from '../terminal/print.ts';

const reportSchema = z.object({
  queueDepth: z.number(),
  inFlight: z.number(),
  errorRate: z.number(),
  spilling: z.boolean(),
  lagMs: z.record(z.string(), z.number()),
});

/** What `GET /v1/regions` answers, as far as the command line shows it. */
export const regionsSchema = z.object({
  data: z.array(
    z.object({
      id: z.string(),
      url: z.string().nullish(),
      state: z.string().nullish(),
      share: z.number().nullish(),
      epoch: z.number().nullish(),
      since: z.string().nullish(),
      who: z.string().nullish(),
      why: z.string().nullish(),
      leaseAgeMs: z.number().nullish(),
      report: reportSchema.nullish(),
    }),
  ),
  control: z.object({ ok: z.boolean(), detail: z.string().nullish() }),
});
export type RegionsAnswer = z.infer<typeof regionsSchema>;

const seconds = (ms: number | null | undefined): string => (typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '-');
const percent = (part: number): string => `${(part * 100).toFixed(1)} %`;

/** The regions as lines of a table; a lease that is older than 10 s has run out. */
export function regionsTable({ data, control }: RegionsAnswer): string[] {
  const head = ['region', 'state', 'share', 'epoch', 'lease', 'waiting', 'in flight', 'errors', 'lag from', 'why'];
  const rows = data.map(({ id, state, share, epoch, leaseAgeMs, report, who, why }) => [
    id,
    `${state ?? 'unknown'}${report?.spilling === true ? ' (spilling)' : ''}`,
    typeof share === 'number' ? `${share} %` : '-',
    String(epoch ?? '-'),
    seconds(leaseAgeMs),
    String(report?.queueDepth ?? '-'),
    String(report?.inFlight ?? '-'),
    report === null || report === undefined ? '-' : percent(report.errorRate),
    Object.entries(report?.lagMs ?? {})
      .map(([peer, ms]) => `${peer} ${seconds(ms)}`)
      .join(', ') || '-',
    [why, who].filter(Boolean).join(', by '),
  ]);
  return [
    ...table([head, ...rows]),
    ...(control.ok ? [] : ['', `control bucket: ${control.detail ?? 'away'}; shown is what was known last`]),
  ];
}
