import 'reflect-metadata';
import { createLogger, loadConfig } from '@waybill/runtime';
import { projectorConfigSchema } from './config.ts';
import { natsOf, ownRegion } from './region-place.ts';
import { startProjector } from './start-projector.ts';

const region = ownRegion();
const config = loadConfig(projectorConfigSchema, { ...process.env, REGION: region });
const logger = createLogger({ service: 'projector', region, level: config.LOG_LEVEL });
await startProjector({ config, nats: natsOf(region), logger, env: process.env, onCrash: () => process.exit(1) });
