import { describe, expect, it } from 'vitest';
import { costsOfModes, type ModeSlice } from './costs-of-modes.ts';
import { environmentOf, MODES, orderOf } from './modes.ts';

const run = (mode: ModeSlice['mode'], round: number, ingress: number, planner: number): ModeSlice => ({
  mode,
  round,
  cpuMicrosPerEvent: { ingress, planner },
});

describe('what telling costs', () => {
  it('is compared with the same round, for the machine is not the same in each', () => {
    const runs = [run('off', 0, 100, 100), run('metrics', 0, 110, 100), run('off', 1, 200, 200), run('metrics', 1, 200, 240)];
    const third = [run('off', 2, 150, 50), run('metrics', 2, 160, 50)];
    expect(costsOfModes([...runs, ...third], ['off', 'metrics'])).toEqual([
      { mode: 'off', cpuMicrosPerEvent: { ingress: 150, planner: 100 }, total: 200, ratio: 1 },
      { mode: 'metrics', cpuMicrosPerEvent: { ingress: 160, planner: 100 }, total: 210, ratio: 1.05 },
    ]);
  });

  it('is measured in another order in each round', () => {
    expect(orderOf(MODES, 0)).toEqual([...MODES]);
    expect(orderOf(MODES, 5)).toEqual(['metrics', 'traces-10', 'traces-100', 'off']);
  });

  it('is nothing at all when all is off', () => {
    expect(environmentOf('off', 'http://x')).toEqual({ METRICS_ENABLED: 'false', OTEL_SDK_DISABLED: 'true' });
    expect(environmentOf('traces-10', 'http://x')).toMatchObject({ METRICS_ENABLED: 'true', OTEL_TRACES_SAMPLER_ARG: '0.1' });
  });
});
