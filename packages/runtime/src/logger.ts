import { type Logger, pino } from 'pino';

export type { Logger } from 'pino';

/** A JSON logger on stdout; every line names the service and the region. Fields that hold secrets are cut out. */
export function createLogger(options: { service: string; region: string; level: string }): Logger {
  return pino({
    level: options.level,
    base: { service: options.service, region: options.region },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    redact: { paths: ['secret', 'password', 'authorization', '*.secret', '*.password', '*.authorization'], censor: '[cut]' },
  });
}
