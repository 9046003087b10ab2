import 'reflect-metadata';
import { githubConfigOf } from '@waybill/github';
import { createLogger, loadConfig } from '@waybill/runtime';
import { ingressConfigSchema } from './config.ts';
import { deploymentOf } from './deployment.ts';
import { startIngress } from './start-ingress.ts';

const deployment = deploymentOf();
const config = loadConfig(ingressConfigSchema, { ...process.env, REGION: deployment.region });
const logger = createLogger({ service: 'ingress', region: config.REGION, level: config.LOG_LEVEL });
await startIngress(config, logger, { deployment, github: githubConfigOf(process.env), env: process.env });
