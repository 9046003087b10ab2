export { baseConfigSchema, flag, loadConfig, wholeNumber, type BaseConfig } from './config.ts';
export { Health, type DependencyState, type HealthReport } from './health.ts';
export { HealthController } from './health.controller.ts';
export { KeepErrorFilter, sendProblem, toWaybillError } from './keep-error.filter.ts';
export { Lifecycle } from './lifecycle.ts';
export { createLogger, type Logger } from './logger.ts';
export { RuntimeModule } from './runtime.module.ts';
export { runService, type RunningService, type ServiceOptions } from './service.ts';
export { CLOCK, HEALTH, LIFECYCLE, LOGGER, type Clock } from './tokens.ts';
