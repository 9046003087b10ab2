import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { DASHBOARD_PAGES } from './dashboard.ts';

it('has every page of the dashboard, and no other', () => {
  const app = readFileSync(new URL('../../../../../apps/dashboard/src/app.tsx', import.meta.url), 'utf8');
  const pages = [...app.matchAll(/<Route path="([^"]+)"/g)].map(([, path = '']) => path);
  expect(pages.length).toBeGreaterThan(10);
  expect([...DASHBOARD_PAGES].toSorted()).toEqual(pages.toSorted());
});
