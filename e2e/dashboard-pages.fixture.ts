import type { Page } from 'playwright-core';
import type { Content } from './dashboard-content.fixture.ts';
import {
  barriers,
  inTheDark,
  inTheLight,
  isSaving,
  onADesk,
  onATelephone,
  save,
  settled,
  sideways,
  type Visitor,
} from './dashboard.fixture.ts';

/** A page by its address, and what is saved of it beside the desktop in the light. */
export interface Sight {
  readonly name: string;
  readonly path: string;
  readonly hasDark?: boolean;
  readonly hasPhone?: boolean;
}

/** Every page, and every page within a page, by address. */
export const sightsOf = ({ failedEvent, deliveredDelivery, deadLetter, dispatch, job }: Content): readonly Sight[] => [
  { name: 'regions', path: '/', hasDark: true, hasPhone: true },
  { name: 'failover', path: '/?change=failover&region=europe-west1' },
  { name: 'events', path: '/events', hasDark: true, hasPhone: true },
  { name: 'event', path: `/events/${failedEvent}`, hasDark: true, hasPhone: true },
  { name: 'deliveries', path: '/deliveries' },
  { name: 'delivery', path: `/deliveries/${deliveredDelivery}` },
  { name: 'dead-letters', path: '/dead-letters', hasPhone: true },
  { name: 'dead-letter-group', path: `/dead-letters?${GROUP}` },
  { name: 'dead-letter', path: `/dead-letters?id=${deadLetter}` },
  { name: 'endpoints', path: '/endpoints' },
  { name: 'endpoint', path: '/endpoints/northwind/northwind-billing', hasDark: true },
  { name: 'dispatches', path: '/dispatches' },
  { name: 'dispatch-denied', path: `/dispatches/${dispatch.eventId}`, hasDark: true, hasPhone: true },
  { name: 'schemas', path: '/schemas' },
  { name: 'jobs', path: '/jobs' },
  { name: 'replay', path: '/jobs?new=replay' },
  { name: 'job', path: `/jobs/${job}`, hasPhone: true },
  { name: 'audit', path: '/audit' },
  { name: 'settings', path: '/settings' },
  { name: 'unknown', path: '/events/evt_01m7zqv60kccq42gbnp3gs3awq' },
];

const GROUP = new URLSearchParams({
  view: 'list',
  tenantId: 'northwind',
  endpointId: 'northwind-billing',
  reason: 'attempts_exhausted',
  region: 'us-central1',
}).toString();

/** Opens a page at its address, looks at it on a desk in the light and on a telephone in the dark, and says what is wrong with it. */
export async function look(visitor: Visitor, sight: Sight): Promise<string[]> {
  const page = await visitor.open(sight.path);
  await settled(page);
  const wrong = await lookAt(page);
  await saveAll(page, sight);
  await page.close();
  return wrong.map((one) => `${sight.path}: ${one}`);
}

/** The same with a page that is open, and may show a dialog. */
export async function lookAt(page: Page): Promise<string[]> {
  const onDesk = await barriers(page);
  await inTheDark(page);
  await onATelephone(page);
  const wider = await sideways(page);
  const onPhone = await barriers(page);
  await onADesk(page);
  await inTheLight(page);
  return [
    ...onDesk.map((one) => `light: ${one}`),
    ...onPhone.map((one) => `dark, phone: ${one}`),
    ...(wider > 0 ? [`${wider} px wider than a telephone`] : []),
  ];
}

async function saveAll(page: Page, { name, hasDark = false, hasPhone = false }: Sight): Promise<void> {
  if (!isSaving) return;
  await save(page, name);
  if (hasDark) {
    await inTheDark(page);
    await save(page, `${name}-dark`);
    await inTheLight(page);
  }
  if (!hasPhone) return;
  await onATelephone(page);
  await save(page, `${name}-phone`);
}
