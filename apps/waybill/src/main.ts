import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { isWaybillError, problemOf } from '@waybill/contracts';
import { canaryCommand } from './commands/canary.ts';
import { dashboardCommand } from './commands/dashboard.ts';
import { deadLettersCommand } from './commands/dead-letters.ts';
import { deliveryCommand } from './commands/deliveries.ts';
import { backupCommand } from './commands/backup.ts';
import { auditCommand } from './commands/audit.ts';
import { doctorCommand } from './commands/doctor.ts';
import { eventCommand } from './commands/event.ts';
import { eventsCommand } from './commands/events.ts';
import { githubCommand } from './commands/github.ts';
import { drainCommand, failoverCommand } from './commands/failover.ts';
import { jobsCommand } from './commands/jobs.ts';
import { natsConfigCommand } from './commands/nats-config.ts';
import { projectionsCommand } from './commands/projections.ts';
import { provisionCommand } from './commands/provision.ts';
import { regionsCommand } from './commands/regions.ts';
import { replayCommand } from './commands/replay.ts';
import { restoreCommand } from './commands/restore.ts';
import { retentionCommand } from './commands/retention.ts';
import { secretsCommand } from './commands/secrets.ts';
import { seedCommand } from './commands/seed.ts';
import { sendCommand } from './commands/send.ts';
import { stopCommand } from './commands/stop.ts';
import { traceCommand, tracesCommand } from './commands/traces.ts';
import { upCommand } from './commands/up.ts';
import { z } from 'zod';
import { tell } from './terminal/print.ts';

const { version } = z.object({ version: z.string() }).parse(JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')));
const program = new Command('waybill')
  .description('Events in, signed webhooks and GitHub workflow dispatches out, nothing lost between.')
  .version(version)
  // Else an option of a subcommand's subcommand, --data above all, would be taken for one of the subcommand.
  .enablePositionalOptions()
  .showHelpAfterError();

const COMMANDS = [
  upCommand,
  stopCommand,
  sendCommand,
  dashboardCommand,
  seedCommand,
  eventsCommand,
  eventCommand,
  traceCommand,
  deadLettersCommand,
  deliveryCommand,
  replayCommand,
  jobsCommand,
  githubCommand,
  regionsCommand,
  failoverCommand,
  drainCommand,
  projectionsCommand,
  tracesCommand,
  provisionCommand,
  natsConfigCommand,
  secretsCommand,
  doctorCommand,
  canaryCommand,
  auditCommand,
  retentionCommand,
  backupCommand,
  restoreCommand,
];
for (const add of COMMANDS) add(program);

// A reader that has seen enough, as in "waybill events | head", is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

try {
  await program.parseAsync();
} catch (error) {
  tell(`waybill: ${describe(error)}`);
  process.exitCode ??= 1;
}

/** An error in words for a person: what happened, what to do, and the cause beneath. */
function describe(error: unknown): string {
  if (isWaybillError(error)) {
    const { title, detail, remedy } = problemOf(error);
    return `${title}: ${detail}\n  ${remedy}`;
  }
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message}\n  because: ${error.cause.message}` : error.message;
}
