import { setTimeout as delay } from 'node:timers/promises';
import { type Lifecycle, type Logger, type Tracing, WorkLog } from '@waybill/runtime';
import { Reader } from './adapters/http/reader.ts';
import { openDatabase, storeLocation } from './adapters/store/database.ts';
import { generationsOf } from './adapters/store/generations.ts';
import { startBuild } from './adapters/worker/build-host.ts';
import { tellWork } from './adapters/worker/tell-work.ts';
import { startWorker, type WorkerHost } from './adapters/worker/worker-host.ts';
import type { LiveHub } from './application/live/live-hub.ts';
import type { RebuildEvent } from './application/rebuild/rebuild-ports.ts';
import { Rebuilder } from './application/rebuild/rebuilder.ts';
import type { ProjectorParts } from './start-projector.ts';

const READ_CONNECTIONS = 8;

/** What those of a region are made of. */
export interface ReadModelParts extends ProjectorParts {
  readonly tracing: Tracing;
}

/** The read models of a region: the generation that serves, kept up to date by its thread, and whatever is built beside it. `live` is told what changes. */
export function ownReadModels(parts: ReadModelParts, live: LiveHub, lifecycle: Lifecycle): { rebuilder: Rebuilder; reader: Reader } {
  const { config, nats, logger } = parts;
  const reader: Reader = new Reader({
    open: (generation) => openDatabase(storeLocation(config, generation), { readOnly: true, connections: READ_CONNECTIONS }),
    isMade: () => rebuilder.stateOf('database').ok,
    onDamage: (reason) => rebuilder.damaged(reason),
  });
  const rebuilder = new Rebuilder({
    generations: generationsOf(config),
    serve: (generation) => openWorker(parts, live, generation),
    build: ({ generation, purpose }, serving, onProgress) => startBuild({ ...config, nats, generation, purpose, serving }, onProgress),
    readFrom: (generation) => {
      reader.readFrom(generation);
      live.serve(generation);
    },
    pause: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
    now: () => Date.now(),
    tell: (event) => log(logger, event),
  });
  lifecycle.own('projection thread', rebuilder, (owned, signal) => owned.stop(signal));
  lifecycle.own('read side', reader, (owned) => owned.close());
  rebuilder.start();
  return { rebuilder, reader };
}

function openWorker({ config, nats, logger, tracing, onCrash }: ReadModelParts, live: LiveHub, generation: number): WorkerHost {
  const lines = new WorkLog(logger, { perSecond: config.LOG_WORK_PER_SECOND });
  return startWorker(
    { ...config, nats, generation, isTraced: tracing.isOn },
    {
      onChange: (part, { ok, detail, seq }) =>
        logger[ok ? 'info' : 'warn']({ event: 'projection.state', part, generation, ok, detail, seq }, `${part}: ${detail ?? 'running'}`),
      onLive: (notice) => live.told(generation, notice),
      onWork: (work) => tellWork(work, { region: config.REGION, tracing, lines }),
      onCrash: (error) => {
        logger.fatal({ event: 'projection.crashed', err: error }, 'the projection thread died');
        onCrash(error);
      },
    },
  );
}

function log(logger: Logger, event: RebuildEvent): void {
  switch (event.kind) {
    case 'store_away':
      return logger.warn({ event: 'projection.store_away', detail: event.detail }, `the store of the read models: ${event.detail}`);
    case 'begun':
      return logger.info(
        { event: 'projection.build_begun', ...event.build, attempt: event.attempt },
        'a generation of the read models is being built',
      );
    case 'failed':
      return logger.warn({ event: 'projection.build_failed', ...event.build, detail: event.detail }, `the build failed: ${event.detail}`);
    case 'over':
      return logger.info({ event: 'projection.build_over', ...event.last }, `the build is over: ${event.last.outcome}`);
  }
}
