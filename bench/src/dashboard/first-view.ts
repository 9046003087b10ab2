import type { Browser, Page } from 'playwright-core';
import { z } from 'zod';

/** A page, and what stands on it when it can be used. */
export interface Sight {
  readonly path: string;
  readonly usable: string;
}

/** What one open of a page took. */
const viewSchema = z.object({
  /** From the navigation until what the page is about stands there, in ms. */
  usableMs: z.number(),
  /** What came over the wire: the document, its parts and the answers. */
  bytes: z.number(),
  requests: z.number(),
  /** Tasks of more than 50 ms that held the page up, in ms each. */
  longTasksMs: z.array(z.number()),
});
export type View = z.output<typeof viewSchema>;

const DESKTOP = { width: 1_280, height: 800 };
/** A page that is not usable after this is not going to be, in ms. */
const LIMIT_MS = 30_000;

/** Looks at each frame whether what is waited for stands there. Runs in the page, before anything of it. */
const watchFor = (usable: string): string => `
  globalThis.longTasksMs = [];
  new PerformanceObserver((list) => list.getEntries().forEach(({ duration }) => longTasksMs.push(Math.round(duration))))
    .observe({ type: 'longtask', buffered: true });
  globalThis.usable = new Promise((resolve) => {
    const look = () => document.querySelector(${JSON.stringify(usable)}) === null ? requestAnimationFrame(look) : resolve(performance.now());
    requestAnimationFrame(look);
  });`;
const TOLD = `usable.then((usableMs) => {
  const loaded = [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')];
  return { usableMs, bytes: loaded.reduce((sum, { transferSize }) => sum + transferSize, 0), requests: loaded.length, longTasksMs };
})`;

/** Opens a page with an empty cache, signed in, and gives it to `use` when it can be used. The browser keeps nothing of it. */
export async function openCold<Result>(
  browser: Browser,
  { url, key }: { readonly url: string; readonly key: string },
  { path, usable }: Sight,
  use: (page: Page, view: View) => Promise<Result>,
): Promise<Result> {
  const context = await browser.newContext({ viewport: DESKTOP });
  context.setDefaultTimeout(LIMIT_MS);
  try {
    const page = await context.newPage();
    // A page of the same origin that loads nothing of the dashboard: from there somebody signs in.
    await page.goto(`${url}/openapi.json`);
    const body = JSON.stringify(JSON.stringify({ key, name: 'bench' }));
    const entered = `fetch('/session', { method: 'POST', headers: { 'content-type': 'application/json' }, body: ${body} }).then(({ status }) => status)`;
    const status = await page.evaluate<unknown>(entered);
    if (status !== 200) throw new Error(`signing in was answered with ${String(status)}`);
    await page.addInitScript(watchFor(usable));
    await page.goto(`${url}${path}`);
    await page.locator(usable).first().waitFor();
    return await use(page, viewSchema.parse(await page.evaluate(TOLD)));
  } finally {
    await context.close();
  }
}
