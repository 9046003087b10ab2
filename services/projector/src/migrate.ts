import { createLogger, loadConfig } from '@waybill/runtime';
import { openDatabase, storeLocation } from './adapters/store/database.ts';
import { generationsOf } from './adapters/store/generations.ts';
import { migrate } from './adapters/store/migrate.ts';
import { projectorConfigSchema } from './config.ts';
import { ownRegion } from './region-place.ts';

/** Brings the read models' store to the newest shape and ends; the projector does the same when it starts. */
const config = { ...loadConfig(projectorConfigSchema), REGION: ownRegion() };
const logger = createLogger({ service: 'migrate', region: config.REGION, level: config.LOG_LEVEL });
const { serving } = await generationsOf(config).ledger();
const database = openDatabase(storeLocation(config, serving));
try {
  const migrations = await migrate(database);
  logger.info({ event: 'store.migrated', engine: database.engine, migrations }, migrations.length === 0 ? 'nothing to do' : 'migrated');
} finally {
  await database.close();
}
