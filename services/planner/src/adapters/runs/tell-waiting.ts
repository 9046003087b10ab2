import type { Logger } from '@waybill/runtime';
import { WaitingRuns } from '../../application/runs/waiting-runs.ts';

/** The runs that wait for GitHub, with one line in the log when that begins and when it ends. */
export const waitingRuns = (logger: Logger): WaitingRuns =>
  new WaitingRuns({
    nowMs: () => Date.now(),
    onChange: (waitsFor, detail) => {
      if (waitsFor === undefined) logger.info({ event: 'planner.runs_go_on' }, detail);
      else logger.warn({ event: 'planner.runs_wait', waitsFor }, `finished runs wait: ${detail}`);
    },
  });
