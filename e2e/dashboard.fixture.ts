import { mkdir, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { AxeBuilder } from '@axe-core/playwright';
import { eventually } from '@waybill/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { smallPng } from './small-png.fixture.ts';

const SCREENSHOTS = fileURLToPath(new URL('../apps/dashboard/screenshots/', import.meta.url));
/** Whether a run saves what it sees: an ordinary one must leave the checkout as it is. */
export const isSaving = process.env['WAYBILL_SCREENSHOTS'] === '1';
const DESKTOP = { width: 1_280, height: 800 };
const PHONE = { width: 360, height: 740 };
const WCAG_22_AA = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
/** For what a person would wait a moment for. */
const SOON_MS = 30_000;
/** Within which a chart is drawn again. */
const REDRAW_MS = 3_000;

/** A person with a browser of their own, signed in or not; everything that a page does and must not is written down. */
export class Visitor {
  /** Errors of scripts, breaches of the content security policy, and requests to other addresses. */
  readonly #faults: string[] = [];
  readonly #context: BrowserContext;
  readonly #origin: string;

  private constructor(context: BrowserContext, origin: string) {
    this.#context = context;
    this.#origin = origin;
    context.on('page', (page) => this.#watch(page));
  }

  static async come(browser: Browser, origin: string): Promise<Visitor> {
    const context = await browser.newContext({ viewport: DESKTOP, locale: 'en-GB', reducedMotion: 'reduce' });
    context.setDefaultTimeout(SOON_MS);
    return new Visitor(context, origin);
  }

  /** Opens an address of the dashboard in a new tab. */
  async open(path: string): Promise<Page> {
    const page = await this.#context.newPage();
    await page.goto(new URL(path, this.#origin).href);
    return page;
  }

  /** Throws when a page did since the last time what no page may. */
  mustHaveBehaved(): void {
    const faults = this.#faults.splice(0);
    if (faults.length > 0) throw new Error(faults.join('\n'));
  }

  leave(): Promise<void> {
    return this.#context.close();
  }

  #watch(page: Page): void {
    page.on('pageerror', (error) => this.#faults.push(`${page.url()}: ${error.stack ?? error.message}`));
    page.on('console', (message) => {
      if (/content.security.policy/i.test(message.text())) this.#faults.push(`${page.url()}: ${message.text()}`);
    });
    page.on('request', (request) => {
      const url = new URL(request.url());
      if (url.protocol.startsWith('http') && url.origin !== this.#origin) this.#faults.push(`${page.url()} asks ${url.href}`);
    });
  }
}

/** Waits until a page shows what it is about, and has nothing under way any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').first().waitFor();
  await eventually(
    async () => (await page.locator('.loading').count()) === 0,
    SOON_MS,
    () => `${page.url()} is still loading`,
  );
}

/** What WCAG 2.2 AA has against a page as it is now, one line for each place. */
export async function barriers(page: Page): Promise<string[]> {
  // Only violations are read: describing each element that is well takes longer than finding what is not.
  const axe = new AxeBuilder({ page }).options({ runOnly: { type: 'tag', values: WCAG_22_AA }, resultTypes: ['violations'] });
  const { violations } = await axe.setLegacyMode(true).analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary, html }) => `${id} at ${target.join(' ')}: ${failureSummary} ${html.slice(0, 200)}`),
  );
}

export const inTheDark = (page: Page): Promise<void> => page.emulateMedia({ colorScheme: 'dark' });
export const inTheLight = (page: Page): Promise<void> => page.emulateMedia({ colorScheme: 'light' });
export const onATelephone = (page: Page): Promise<void> => page.setViewportSize(PHONE);
export const onADesk = (page: Page): Promise<void> => page.setViewportSize(DESKTOP);

/** By how many pixels a page stays wider than its window, once charts have followed its size. */
export async function sideways(page: Page): Promise<number> {
  const wider = (): Promise<number> => page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth');
  await eventually(async () => (await wider()) <= 0, REDRAW_MS).catch(() => undefined);
  return wider();
}

/** Saves what is seen for the README, when the run is asked to. */
export async function save(page: Page, name: string): Promise<void> {
  if (!isSaving) return;
  await mkdir(SCREENSHOTS, { recursive: true });
  await writeFile(new URL(`${name}.png`, `file://${SCREENSHOTS}`), smallPng(await page.screenshot()));
}

/** Goes on with Tab until what has the focus is called so; gives false when it is not met on the way round. */
export async function tabTo(page: Page, name: RegExp): Promise<boolean> {
  for (let steps = 0; steps < MOST_TABS; steps += 1) {
    await page.keyboard.press('Tab');
    if (name.test((await page.evaluate<string | null>(FOCUSED_NAME)) ?? '')) return true;
  }
  return false;
}

const MOST_TABS = 120;
/** In the page: how a screen reader calls what has the focus, as far as these tests need it. */
const FOCUSED_NAME = `((one) => one === document.body ? '' : one.getAttribute('aria-label') ?? one.labels?.[0]?.textContent ?? one.textContent)(document.activeElement)`;

const SHOWN_ROWS = `[...document.querySelectorAll('.rows [role=row] a.cell-link')].map((link) => link.getAttribute('href'))`;

/** Where the rows of a list lead that are in sight, or nearly. */
export const shownRows = (page: Page): Promise<string[]> => page.evaluate<string[]>(SHOWN_ROWS);

/** Where the rows of a list lead, the newest first, as many as asked for; scrolls for them. Gives fewer when there are no more. */
export async function rowsOf(page: Page, count: number): Promise<string[]> {
  const found = new Set<string>();
  await page.locator('.rows .scroller').first().hover();
  await page.mouse.wheel(0, -1_000_000);
  for (let idle = 0; found.size < count && idle < MOST_IDLE; idle += 1) {
    const before = found.size;
    for (const href of await shownRows(page)) found.add(href);
    if (found.size >= count) break;
    if (found.size > before) idle = 0;
    await page.mouse.wheel(0, 300);
    await page.waitForTimeout(50);
  }
  return [...found].slice(0, count);
}

/** Looks without another row after which a list is taken to be over. */
const MOST_IDLE = 40;
