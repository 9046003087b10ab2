import { pinnedRegion, type RoutingView, type WritingRegions } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { reportRegion } from './report-region.ts';
import { RunFacts } from './testing/facts.ts';

const order = ['us', 'eu', 'ap'];
const routing: WritingRegions = { regions: order };
const calm: RoutingView = { order, states: new Map(), spilling: new Set(order) };
const { run } = new RunFacts(1, [{}]).decided;
const decided = { run, scope: 'g' } as const;

describe('the region that reports', () => {
  it('is the one that the owner is pinned to, the same in all regions, and spills to none', () => {
    expect(reportRegion(routing, calm, decided, undefined)).toBe(pinnedRegion('acme', order));
    expect(reportRegion(routing, calm, { ...decided, run: { ...run, owner: 'ACME' } }, undefined)).toBe(pinnedRegion('acme', order));
  });

  it('is the home of the owner, or what is said of the repository', () => {
    expect(reportRegion(routing, calm, decided, 'ap')).toBe('ap');
    expect(reportRegion(routing, calm, decided, 'gone')).toBe(pinnedRegion('acme', order));
    const repositoryRegions = new Map([['acme/my-source-repo', 'eu']]);
    expect(reportRegion({ ...routing, repositoryRegions }, calm, decided, 'ap')).toBe('eu');
    expect(reportRegion({ ...routing, repositoryRegions, everythingIn: 'us' }, calm, decided, 'ap')).toBe('us');
  });

  it('is who stands in for one that failed', () => {
    const states: RoutingView['states'] = new Map([['ap', { state: 'failed', share: 0 }]]);
    expect(reportRegion(routing, { ...calm, states }, decided, 'ap')).toBe('us');
  });

  it('is the own one for what stays at home', () => {
    expect(reportRegion(routing, calm, { ...decided, scope: 'l' }, 'ap')).toBeUndefined();
  });
});
