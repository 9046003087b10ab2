import type { Command } from 'commander';
import { runningStack } from '../client/api.ts';
import { dataOption, wholeNumberIn } from './options.ts';

interface CanaryCommandOptions {
  readonly data: string;
  readonly port?: number;
  readonly every?: number;
  readonly receiverUrl?: string;
}

/** `waybill canary`: one signed event through every region's public door, again and again. */
export function canaryCommand(program: Command): void {
  program
    .command('canary')
    .description(
      'send a signed event through the public door of every region every 15 s, and tell on /metrics what became of it; the doors are CANARY_DOORS, or those of the running local stack',
    )
    .addOption(dataOption())
    .option('--port <n>', 'where metrics are served and deliveries arrive; default: CANARY_PORT, or 9464', wholeNumberIn(0, 65_535))
    .option('--every <seconds>', 'time between two events; default: CANARY_EVERY_SECONDS, or 15', wholeNumberIn(1, 60))
    .option(
      '--receiver-url <url>',
      'where dispatchers reach this process, so that deliveries are measured too; default: CANARY_RECEIVER_URL, or not at all',
    )
    .action(canary);
}

async function canary({ data, port, every, receiverUrl }: CanaryCommandOptions): Promise<void> {
  // Loaded here: the other commands need none of it.
  const { createLogger, loadConfig, Metrics, WorkLog } = await import('@waybill/runtime');
  const { canaryConfigSchema } = await import('../canary/canary-config.ts');
  const { localDoors } = await import('../canary/local-doors.ts');
  const { runCanary } = await import('../canary/run-canary.ts');
  const config = loadConfig(canaryConfigSchema);
  const { CANARY_DOORS, MANAGEMENT_API_KEY, CANARY_EVERY_SECONDS, CANARY_RECEIVER_URL, CANARY_PORT, LOG_LEVEL } = config;
  if (CANARY_DOORS !== undefined && MANAGEMENT_API_KEY === undefined)
    throw new Error('CANARY_DOORS needs MANAGEMENT_API_KEY: the canary sets its own tenant up');
  const logger = createLogger({ service: 'canary', region: 'outside', level: LOG_LEVEL });
  const running = await runCanary({
    doors: CANARY_DOORS === undefined ? localDoors(data) : () => CANARY_DOORS,
    adminKey: CANARY_DOORS === undefined ? runningStack(data).adminKey : (MANAGEMENT_API_KEY ?? ''),
    receiverUrl: receiverUrl ?? CANARY_RECEIVER_URL,
    everyMs: (every ?? CANARY_EVERY_SECONDS) * 1_000,
    host: config.APP_HOST,
    port: port ?? CANARY_PORT,
    metrics: new Metrics({ isOn: true, token: config.METRICS_TOKEN }),
    work: new WorkLog(logger, { perSecond: config.LOG_WORK_PER_SECOND }),
    say: (severity, fields) => logger[severity](fields),
  });
  logger.info({ event: 'canary.started', port: running.port });
  await new Promise<void>((resolve) => {
    for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => resolve());
  });
  await running.stop();
  process.exit();
}
