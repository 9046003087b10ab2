import type { z } from 'zod';
import type { Built, BuildProgress } from '../../application/rebuild/build-state.ts';
import type { Building } from '../../application/rebuild/rebuild-ports.ts';
import { type BuildMessage, buildInputSchema } from './protocol.ts';
import { startThread, stopThread } from './worker-host.ts';

/** A build that needs more than it should fails alone, and not the process that serves. */
const BUILD_MEMORY = { maxOldGenerationSizeMb: 512 };

/** Starts the thread that builds a generation beside the serving one. */
export function startBuild(config: z.input<typeof buildInputSchema>, onProgress: (progress: BuildProgress) => void): Building {
  const worker = startThread('build-main', buildInputSchema.parse(config), BUILD_MEMORY);
  let built: Built | undefined;
  worker.on('message', (message: BuildMessage) => {
    if ('built' in message) ({ built } = message);
    else onProgress(message.progress);
  });
  const ended = new Promise<Built>((resolve, reject) => {
    worker.once('error', (error) => reject(error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => (built === undefined ? reject(new Error('the build ended before it was done')) : resolve(built)));
  });
  // Looked at by whoever waits for it; a build that nobody waits for any more may fail.
  ended.catch(() => undefined);
  return { ended, stop: (signal) => stopThread(worker, signal) };
}
