import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, type Receiver, startReceiver } from '@waybill/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openChromium } from '@waybill/bench';
import { COMPLAINT, type Content, DemoShops, EU, FAILED, US } from './dashboard-content.fixture.ts';
import { look, lookAt, sightsOf } from './dashboard-pages.fixture.ts';
import { isSaving, rowsOf, save, settled, shownRows, tabTo, Visitor } from './dashboard.fixture.ts';
import { LocalStack, TRACED } from './stack.fixture.ts';

const SLOW_MS = 60_000;
/** Pages that are looked at at once: the browser and its pages share two cores with the product. */
const TOGETHER = 3;
const LINK = /https?:\S+#link=\S+/;
/** Much of what the demo sends fails: that must not move it to the other region. */
const NO_SPILLOVER = JSON.stringify(Object.fromEntries([US, EU].map((region) => [region, { spillover: { errorRate: 1 } }])));
/** Commands end in dots, for each asks first. */
const COMMAND = /…$/;
const REDRIVE_ALL = `fetch('/v1/dead-letters/redrive', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"filter":{},"reason":"no"}' })
  .then(async (answer) => [answer.status, (await answer.json()).code])`;

describe('the dashboard', () => {
  let stack: LocalStack;
  let receiver: Receiver;
  let browser: Browser;
  let shops: DemoShops;
  let content: Content;
  let admin: Visitor;
  let printed = '';

  const visit = async (path: string, visitor = admin): Promise<Page> => {
    const page = await visitor.open(path);
    await settled(page);
    return page;
  };
  const heading = (page: Page): Promise<string> => page.locator('h1').first().innerText();
  const search = async (page: Page, text: string): Promise<void> => {
    await page.keyboard.press('/');
    await page.getByRole('dialog').getByRole('searchbox').fill(text);
    await page.getByText(/^(One|\d+) found/).waitFor();
  };
  const groupOf = (page: Page): Promise<void> => page.getByRole('row').filter({ hasText: 'northwind' }).getByRole('link').first().click();
  const regionCard = (page: Page, region: string): ReturnType<Page['locator']> =>
    page
      .getByRole('list', { name: 'Regions' })
      .getByRole('listitem')
      .filter({ has: page.getByRole('heading', { name: region }) });

  beforeAll(
    async () => {
      [receiver, browser, stack] = await Promise.all([
        startReceiver(),
        openChromium(),
        LocalStack.create({ ...TRACED, RECOVERY_STEP_SECONDS: '1', DRAIN_TIMEOUT_SECONDS: '5', WAYBILL_REGION_OPTIONS: NO_SPILLOVER }),
      ]);
      const { stdout, stderr, code } = await stack.up();
      if (code !== 0) throw new Error(stderr);
      [printed = ''] = LINK.exec(stdout) ?? [];
      admin = await Visitor.come(browser, await stack.url());
      shops = new DemoShops(stack, receiver);
      content = await shops.make();
      if (isSaving) await shops.trade();
    },
    isSaving ? 600_000 : undefined,
  );
  afterEach(() => admin.mustHaveBehaved());
  afterAll(async () => {
    await browser.close();
    await stack.destroy();
    await receiver.close();
  });

  it('is entered by the link that the start prints, once', async () => {
    const page = await visit(printed);
    await page.getByRole('heading', { name: 'Regions', level: 1 }).waitFor();
    expect(page.url()).not.toContain('link=');
    await page.reload();
    await settled(page);
    expect(await heading(page)).toBe('Regions');
    const thief = await Visitor.come(browser, await stack.url());
    const refused = await thief.open(printed);
    await refused.getByRole('alert').waitFor();
    expect(await heading(refused)).toBe('Waybill');
    expect(await lookAt(refused)).toEqual([]);
    await save(refused, 'sign-in');
    thief.mustHaveBehaved();
    await thief.leave();
    await page.close();
  });

  it('finds a webhook by its id, the beginning of it or its endpoint, and tells why it failed', async () => {
    const page = await visit('/settings');
    for (const text of [content.failedEvent, content.failedEvent.slice(0, -3)]) {
      await search(page, text);
      await page.keyboard.press('Enter');
      await page.waitForURL(`**/events/${content.failedEvent}`);
      await settled(page);
      await page.goto((await stack.url()) + '/settings');
      await settled(page);
    }
    await search(page, `${receiver.url}/northwind/bil`);
    await save(page, 'search');
    await page.getByRole('link', { name: /northwind\/billing/ }).click();
    await page.waitForURL('**/endpoints/northwind/northwind-billing');
    await settled(page);
    await page.goBack();
    await settled(page);
    expect(await heading(page)).toBe('Settings');
    await search(page, content.failedEvent);
    await page.keyboard.press('Enter');
    const lane = page.getByRole('article', { name: /^Delivery dlv_/ });
    await lane.getByText('dead lettered').first().waitFor();
    expect(await lane.getByText(COMPLAINT).count()).toBeGreaterThan(0);
    expect(await lane.getByText('503').count()).toBeGreaterThan(0);
    expect(await lane.getByText('2 attempts').count()).toBe(1);
    await page.close();
  });

  it('tells why a dispatch was denied, by which rule, and shows what both files said', async () => {
    const page = await visit('/dispatches');
    await page.getByRole('link', { name: 'ci.yml of acme/my-source-repo' }).first().click();
    await page.waitForURL(`**/dispatches/${content.dispatch.eventId}`);
    await settled(page);
    const answer = await page.getByRole('region', { name: 'Answer' }).innerText();
    expect(answer).toContain('inbound_not_authorized');
    expect(answer).toMatch(/outbound/);
    expect(answer).toContain('my-closed-repo');
    const files = page.getByRole('list', { name: /dispatching\.yml of/ });
    expect(await files.allInnerTexts()).toEqual([expect.stringContaining('outbound:'), expect.stringContaining('inbound: []')]);
    await page.close();
  });

  it('opens every page at its address, for everybody, in both themes and on a telephone, and asks nobody else', async () => {
    const left = [...sightsOf(content)];
    const wrong: string[] = [];
    const work = async (): Promise<void> => {
      for (let sight = left.shift(); sight !== undefined; sight = left.shift()) wrong.push(...(await look(admin, sight)));
    };
    await Promise.all(Array.from({ length: TOGETHER }, work));
    expect(wrong).toEqual([]);
  });

  it('has dialogs that are for everybody too', async () => {
    const page = await visit('/dead-letters');
    await groupOf(page);
    await page.getByRole('button', { name: 'Redrive …' }).click();
    const wrong = await lookAt(page);
    await save(page, 'redrive-dialog');
    await page.keyboard.press('Escape');
    await page.keyboard.press('?');
    wrong.push(...(await lookAt(page)));
    await page.keyboard.press('Escape');
    await search(page, 'northwind');
    wrong.push(...(await lookAt(page)));
    expect(wrong).toEqual([]);
    await page.close();
  });

  it("draws an event's trace, of every service in both regions, one click from its page", async () => {
    const id = await shops.send('northwind', { eventType: 'order.paid', data: { number: -1 } });
    const page = await visit(`/events/${id}`);
    await page.getByRole('link', { name: 'Trace', exact: true }).click();
    await page.waitForURL(`**/traces/${id}`);
    const rows = page.getByRole('region', { name: 'Spans' }).getByRole('row');
    const parts = [`ingress ${US}`, `planner ${US}`, `dispatcher ${US}`, `projector ${US}`, `projector ${EU}`];
    for (const part of parts)
      await rows
        .filter({ hasText: new RegExp(part.replace(' ', '\\s+')) })
        .first()
        .waitFor();
    await rows
      .getByRole('button', { name: /^POST\b(?! \/)/ })
      .first()
      .click();
    await page.getByText('waybill.attempt', { exact: true }).waitFor();
    expect(await lookAt(page)).toEqual([]);
    await save(page, 'trace');
    await page.close();
  });

  it('goes back to where one was, with what was chosen there', async () => {
    const page = await visit('/events?tenantId=northwind');
    const [first = ''] = await rowsOf(page, 1);
    await page.locator(`a[href="${first}"]`).click();
    await page.waitForURL(`**${first}`);
    await settled(page);
    await page.goBack();
    await settled(page);
    expect(new URL(page.url()).search).toBe('?tenantId=northwind');
    expect((await rowsOf(page, 1))[0]).toBe(first);
    await page.close();
  });

  it('shows what happens while it happens, and misses nothing', async () => {
    const page = await visit('/events?tenantId=northwind');
    await page.evaluate('globalThis.isTheSamePage = true');
    const sent = new Set<string>();
    const send = async (number: number): Promise<void> => {
      sent.add(`/events/${await shops.send('northwind', { eventType: 'order.paid', data: { number } })}`);
    };
    let isSeen = false;
    const sending = (async () => {
      const sends: Promise<void>[] = [];
      for (; sends.length < 100 || (!isSeen && sends.length < 2_000); await sleep(50)) sends.push(send(sends.length));
      await Promise.all(sends);
    })();
    await eventually(async () => (await shownRows(page)).some((href) => sent.has(href)), SLOW_MS);
    isSeen = true;
    await sending;
    const newestFirst = [...sent].toSorted().toReversed();
    await page.locator(`a[href="${newestFirst[0]}"]`).waitFor();
    expect(await rowsOf(page, sent.size)).toEqual(newestFirst);
    expect(await page.evaluate('globalThis.isTheSamePage')).toBe(true);
    await page.close();
  });

  it('redrives a group: plan, start, progress, done, and the receiver has it', async () => {
    const page = await visit('/dead-letters');
    await groupOf(page);
    await settled(page);
    shops.answers.delete('/northwind/billing');
    const before = shops.received('/northwind/billing');
    await page.getByRole('button', { name: 'Redrive …' }).click();
    await page.getByLabel('Reason, for the audit').fill('billing-db is back');
    await page.getByRole('button', { name: 'Plan it' }).click();
    await page.waitForURL('**/jobs/job_*');
    await page.getByRole('button', { name: 'Start …' }).click();
    await page.getByLabel('Reason, for the audit').fill('the plan is right');
    await page.getByRole('dialog').getByRole('button', { name: 'Start' }).click();
    await page
      .getByRole('status')
      .getByText(/✓|done/)
      .first()
      .waitFor();
    await page.getByText('100 % passed').waitFor();
    await page.getByText(new RegExp(`^${FAILED} ?so far$`)).waitFor();
    await save(page, 'redrive-done');
    await eventually(() => shops.received('/northwind/billing') === before + FAILED);
    await page.goto(`${await stack.url()}/events/${content.failedEvent}`);
    await page.getByRole('article').filter({ hasText: 'delivered' }).first().waitFor();
    await page.close();
  });

  it('is used by keyboard alone, from the door to a delivery that is tried again', async () => {
    const typist = await Visitor.come(browser, await stack.url());
    const page = await visit('/', typist);
    const { adminKey } = await stack.state();
    shops.answers.delete('/fabrikam/mail');
    const before = shops.received('/fabrikam/mail', content.waitingEvent);
    expect(await tabTo(page, /^Your name/)).toBe(true);
    await page.keyboard.type('Tove');
    expect(await tabTo(page, /^Key/)).toBe(true);
    await page.keyboard.type(adminKey);
    await page.keyboard.press('Enter');
    await page.getByRole('list', { name: 'Regions' }).waitFor();
    await page.keyboard.press('g');
    await page.keyboard.press('e');
    await page.waitForURL('**/events');
    await search(page, content.waitingEvent);
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/events/${content.waitingEvent}`);
    await page.getByRole('article').waitFor();
    expect(await tabTo(page, /^Try now/)).toBe(true);
    await page.keyboard.press('Enter');
    expect(await tabTo(page, /^Reason/)).toBe(true);
    await page.keyboard.type('the mail server is back');
    await page.keyboard.press('Enter');
    await page.getByRole('article').getByText('delivered').first().waitFor();
    expect(shops.received('/fabrikam/mail', content.waitingEvent)).toBe(before + 1);
    typist.mustHaveBehaved();
    await typist.leave();
  });

  it('shows a viewer everything and lets them do nothing, which the API does not either', async () => {
    const [link = ''] = LINK.exec((await stack.cli('dashboard', '--role', 'viewer', '--name', 'Vera')).stdout) ?? [];
    const viewer = await Visitor.come(browser, await stack.url());
    const door = await visit(link, viewer);
    for (const path of [
      '/',
      '/endpoints/northwind/northwind-billing',
      `/events/${content.failedEvent}`,
      '/jobs',
      '/dead-letters?view=list',
    ]) {
      const [seen, hers] = await Promise.all([visit(path), visit(path, viewer)]);
      const commands = (page: Page): Promise<number> => page.locator('main').locator('a, button').filter({ hasText: COMMAND }).count();
      await eventually(async () => (await commands(seen)) > 0 || path.startsWith('/events'));
      expect({ path, commands: await commands(hers) }).toEqual({ path, commands: 0 });
      await Promise.all([seen.close(), hers.close()]);
    }
    expect(await door.evaluate(REDRIVE_ALL)).toEqual([403, 'WB_FORBIDDEN']);
    viewer.mustHaveBehaved();
    await viewer.leave();
  });

  it('fails a region over and back, after it told whom that affects, and shows each step to everybody who looks', async () => {
    const [looker, page] = [await visit('/'), await visit('/')];
    await regionCard(looker, EU).getByText('active since').waitFor();
    await page.getByRole('link', { name: `Fail over ${EU} …` }).click();
    await page.getByRole('row').filter({ hasText: 'contoso' }).filter({ hasText: 'moves to us-central1' }).waitFor();
    await page.getByLabel('Reason, for the audit').fill('maintenance of the region');
    await page.getByRole('button', { name: `Fail over ${EU}` }).click();
    await page.getByRole('heading', { name: 'What was done' }).waitFor({ timeout: SLOW_MS });
    await save(page, 'failover-done');
    await regionCard(looker, EU)
      .getByRole('link', { name: `Fail back ${EU} …` })
      .waitFor();
    await page.goto(`${await stack.url()}/?change=activate&region=${EU}`);
    await page.getByLabel('Reason, for the audit').fill('maintenance is over');
    await page.getByRole('button', { name: `Fail back ${EU}` }).click();
    await regionCard(looker, EU).getByText('active since').waitFor({ timeout: SLOW_MS });
    await looker
      .getByRole('table', { name: /Failover log/ })
      .getByText('maintenance of the region')
      .first()
      .waitFor();
    await Promise.all([looker.close(), page.close()]);
  });

  it('says that the read models are away, keeps what it had, and is up to date by itself when they are back', async () => {
    const page = await visit('/events?tenantId=northwind');
    const [newest = ''] = await rowsOf(page, 1);
    let isOver = false;
    const killing = (async () => {
      // It is started again at once, and later each time: until somebody had to wait for it.
      for (let last = 0; !isOver; await sleep(100)) {
        const pid = (await stack.state()).regions[0]?.pids['projector'] ?? 0;
        if (pid !== last && pid !== 0) process.kill(pid, 'SIGKILL');
        last = pid;
      }
    })();
    await page.getByText(/Live updates are away/).waitFor({ timeout: SLOW_MS });
    expect(await page.locator(`a[href="${newest}"]`).count()).toBe(1);
    const other = await admin.open('/deliveries');
    await other.getByRole('alert').getByRole('button', { name: 'Try again' }).waitFor();
    expect(await heading(other)).toBe('Deliveries');
    await save(page, 'read-models-away');
    const id = await shops.send('northwind', { eventType: 'order.paid', data: {} });
    isOver = true;
    await killing;
    await page.locator(`a[href="/events/${id}"]`).waitFor({ timeout: SLOW_MS });
    await page.getByText(/Live updates are away/).waitFor({ state: 'detached' });
    await other.locator('a.cell-link').first().waitFor();
    await Promise.all([other.close(), page.close()]);
  });
});
