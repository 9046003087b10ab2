import 'reflect-metadata';
import { createLogger, loadConfig } from '@waybill/runtime';
import { ingressConfigSchema } from './config.ts';
import { startIngress } from './start-ingress.ts';

const config = loadConfig(ingressConfigSchema);
await startIngress(config, createLogger({ service: 'ingress', region: config.REGION, level: config.LOG_LEVEL }));
