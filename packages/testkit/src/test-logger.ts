import { createLogger, type Logger } from '@waybill/runtime';

/** A logger for tests; `TEST_LOG_LEVEL` makes it speak. */
export const testLogger = (): Logger => createLogger({ service: 'test', region: 'test', level: process.env['TEST_LOG_LEVEL'] ?? 'silent' });
