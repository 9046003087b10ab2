import type { Page } from 'playwright-core';
import { z } from 'zod';

const scrollSchema = z.object({
  framesMs: z.array(z.number()),
  rows: z.number(),
  /** Frames at which the end of what was loaded had been reached. */
  waited: z.number(),
  longTasksMs: z.array(z.number()),
});

/** How smoothly a list was scrolled. */
export interface Scroll {
  readonly rows: number;
  readonly seconds: number;
  readonly framesPerSecond: number;
  /** Between two frames, in ms. */
  readonly frameMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** Share of the frames that came on time, of 60 a second. */
  readonly onTime: number;
  readonly waited: number;
  readonly longTasksMs: readonly number[];
}

/** Less than two frames of 60 a second, in ms. */
const LATE_MS = 25;

/** Scrolls three rows a frame, as a hand does that looks for something. Runs in the page. */
const scrollThrough = (rows: number): string => `new Promise((resolve) => {
  const [scroller, list] = [document.querySelector('.rows .scroller'), document.querySelector('.rows')];
  const rowPx = list.querySelector('.scroller [role=row]').offsetHeight;
  const framesMs = [];
  let [last, waited, isFirst] = [0, 0, true];
  longTasksMs.length = 0;
  const frame = (now) => {
    if (!isFirst) framesMs.push(now - last);
    [last, isFirst] = [now, false];
    const before = scroller.scrollTop;
    scroller.scrollTop += 3 * rowPx;
    if (scroller.scrollTop === before) waited += 1;
    const passed = Math.round(scroller.scrollTop / rowPx);
    if (passed >= ${rows} || waited > 6000) resolve({ framesMs, rows: passed, waited, longTasksMs });
    else requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
})`;

/** Scrolls through the list of an open page; further rows are loaded meanwhile. */
export async function scroll(page: Page, rows: number): Promise<Scroll> {
  const { framesMs, ...seen } = scrollSchema.parse(await page.evaluate(scrollThrough(rows)));
  const ms = framesMs.reduce((sum, one) => sum + one, 0);
  const sorted = framesMs.toSorted((a, b) => a - b);
  const at = (share: number): number => tenths(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
  return {
    ...seen,
    seconds: tenths(ms / 1_000),
    framesPerSecond: tenths(framesMs.length / (ms / 1_000)),
    frameMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) },
    onTime: Math.round((1_000 * framesMs.filter((one) => one < LATE_MS).length) / framesMs.length) / 1_000,
  };
}

const tenths = (value: number): number => Math.round(value * 10) / 10;
