import 'reflect-metadata';
import { createLogger, loadConfig } from '@waybill/runtime';
import { projectorConfigSchema } from './config.ts';
import { startProjector } from './start-projector.ts';

const config = loadConfig(projectorConfigSchema);
const logger = createLogger({ service: 'projector', region: config.REGION, level: config.LOG_LEVEL });
await startProjector({ config, logger, onCrash: () => process.exit(1) });
