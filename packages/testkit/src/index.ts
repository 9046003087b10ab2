export { provisionRegion, startNats, type TestNats, type TestNatsOptions } from './nats.ts';
export { type Answer, answerStatus, eventually, type ReceivedRequest, type Receiver, startReceiver } from './receiver.ts';
export { LiveReader, type SeenEvent } from './live-reader.ts';
export { testLogger } from './test-logger.ts';
export { findPostgres, type PostgresSearch, startPostgres, type TestPostgres } from './postgres.ts';
export { findPrometheus, findPromtool, unpackedFromDebian } from './debian-tools.ts';
