import { loadavg } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { commitOf, machine } from '../measure/machine.ts';
import { type ServedStore, withServedStore } from '../reads/served-store.ts';
import { saveResult } from '../result-file.ts';
import { REPOSITORY } from '../stack/local-stack.ts';
import { openChromium } from './chromium.ts';
import { openCold, type Sight, type View } from './first-view.ts';
import { type DashboardOptions, HELP, parseDashboardOptions } from './options.ts';
import { scroll, type Scroll } from './scroll.ts';

const USABLE_MS = 1_500;
/** What is wanted is 60; a browser without a screen, beside all services on two cores, misses some. */
const LEAST_FRAMES = 50;
const EVENTS: Sight = { path: '/events', usable: '.rows [role=row] a' };
const SIGHTS: readonly Sight[] = [
  { path: '/', usable: '.card .figures dd' },
  EVENTS,
  { path: '/deliveries', usable: EVENTS.usable },
  { path: '/dead-letters', usable: EVENTS.usable },
  { path: '/dispatches', usable: EVENTS.usable },
];

/** The opens of one page, the middle one of each figure. */
interface Opened {
  readonly usableMs: { readonly median: number; readonly max: number };
  readonly bytes: number;
  readonly requests: number;
  readonly longTasksMs: readonly number[];
}

const medianOf = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;

function openedOf(views: readonly View[]): Opened {
  const usable = views.map(({ usableMs }) => Math.round(usableMs));
  return {
    usableMs: { median: medianOf(usable), max: Math.max(...usable) },
    bytes: medianOf(views.map(({ bytes }) => bytes)),
    requests: medianOf(views.map(({ requests }) => requests)),
    longTasksMs: views.flatMap(({ longTasksMs }) => longTasksMs).toSorted((a, b) => b - a),
  };
}

async function measure(browser: Browser, store: ServedStore, { opens, rows }: DashboardOptions) {
  const views: Record<string, Opened> = {};
  for (const sight of SIGHTS) {
    const seen: View[] = [];
    for (let n = 0; n < opens; n += 1) seen.push(await openCold(browser, store, sight, (_page, view) => Promise.resolve(view)));
    const opened = openedOf(seen);
    views[sight.path] = opened;
    const { usableMs, bytes, requests } = opened;
    console.log(
      `${sight.path.padEnd(16)} usable after ${usableMs.median} ms (at most ${usableMs.max}), ${bytes} bytes in ${requests} requests`,
    );
  }
  const scrolled = await openCold(browser, store, EVENTS, (page) => scroll(page, rows));
  const { framesPerSecond, frameMs, onTime } = scrolled;
  console.log(
    `${scrolled.rows} rows scrolled at ${framesPerSecond} frames/s, ${onTime * 100} % on time, p99 ${frameMs.p99} ms between two`,
  );
  return { views, scroll: scrolled };
}

async function bench(options: DashboardOptions): Promise<void> {
  const door = { DASHBOARD_DIR: join(REPOSITORY, 'apps/dashboard/dist/site') };
  await withServedStore(options.events, door, async (store) => {
    const browser = await openChromium();
    try {
      const load = loadavg();
      const figures = await measure(browser, store, options);
      const about = { browser: browser.version(), machine: machine(store.natsServer), load, loadAfter: loadavg() };
      report(about, figures, options);
    } finally {
      await browser.close();
    }
  });
}

interface Figures {
  readonly views: Readonly<Record<string, Opened>>;
  readonly scroll: Scroll;
}

function report(about: object, { views, scroll: scrolled }: Figures, { out, ...settings }: DashboardOptions): void {
  const date = new Date().toISOString();
  const file = saveResult('dashboard', { date, commit: commitOf(REPOSITORY), ...about, settings, views, scroll: scrolled }, out);
  const slow = Object.entries(views).filter(([, { usableMs }]) => usableMs.median >= USABLE_MS);
  console.log(
    slow.length === 0 ? `all usable within ${USABLE_MS} ms` : `not within ${USABLE_MS} ms: ${slow.map(([path]) => path).join(' ')}`,
  );
  console.log(`result in ${file}`);
  if (slow.length > 0 || scrolled.framesPerSecond < LEAST_FRAMES) process.exitCode = 1;
}

try {
  const options = parseDashboardOptions(process.argv.slice(2));
  if (options === undefined) console.log(HELP);
  else await bench(options);
} catch (error) {
  console.error(`bench: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
