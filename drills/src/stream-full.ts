import { type FullDrill, runFull } from './run-full.ts';
import type { DrillResult } from './result.ts';
import type { RigOptions } from './rig.ts';

const SMALL_BYTES = '4000000';
const LARGE_BYTES = '1000000000';

const drill = (options: RigOptions): FullDrill => ({
  name: 'stream-full',
  rig: { ...options, env: { LOG_MAX_BYTES: SMALL_BYTES } },
  giveRoom: ({ stack }) => stack.command(['provision'], { LOG_MAX_BYTES: LARGE_BYTES }),
});

/** The LOG reaches the size that its operator allowed, and is allowed more with `waybill provision`. */
export const streamFull = (options: RigOptions): Promise<DrillResult> => runFull(drill(options));
