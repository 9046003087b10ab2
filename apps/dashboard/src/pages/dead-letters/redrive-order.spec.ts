import { describe, expect, it } from 'vitest';
import type { Region } from '../../api/regions.ts';
import { doorOf } from './door.ts';
import { causeOf, choiceOf, hrefOfGroup, redriveBody } from './redrive-order.ts';

describe('what a redrive sends', () => {
  const form = { reason: 'back', rate: '', isWithWorkflows: false };
  it.each([
    [
      { ...form, choice: { ids: ['dlv_1'] } },
      { ids: ['dlv_1'], reason: 'back' },
    ],
    [
      { ...form, choice: { filter: { region: 'eu' } }, rate: '12.5', isWithWorkflows: true },
      { filter: { region: 'eu' }, reason: 'back', ratePerSecond: 12.5, dispatches: true },
    ],
  ])('%j', (order, body) => expect(redriveBody(order)).toEqual(body));

  it('is about what the list shows: the group of the link, in its region', () => {
    const group = {
      tenantId: 'acme & sons',
      endpointId: 'ep_1',
      reason: 'attempts_exhausted',
      region: 'eu',
      count: 3,
      oldest: null,
      newest: null,
    };
    const { searchParams } = new URL(hrefOfGroup(group), 'http://dashboard');
    const { count: _count, oldest: _oldest, newest: _newest, ...filter } = group;
    expect(choiceOf(searchParams, 'us')).toEqual({ filter });
    expect(causeOf(searchParams)).toEqual(filter);
  });

  it('is no group without a reason, and one of events that nobody was to get', () => {
    expect(causeOf(new URLSearchParams('tenantId=acme&region=eu'))).toBeUndefined();
    expect(causeOf(new URLSearchParams('tenantId=acme&region=eu&reason=poison'))).toMatchObject({ endpointId: null });
  });

  it('is about this region when none is named, and never about the state, which is not a filter of commands', () =>
    expect(choiceOf(new URLSearchParams('view=list&state=open&tenantId=acme'), 'us')).toEqual({
      filter: { tenantId: 'acme', region: 'us' },
    }));
});

describe('where dead letters are worked on', () => {
  const region = (id: string, more: Partial<Region> = {}): Region => ({
    id,
    cloudRegion: id,
    state: 'active',
    share: 100,
    epoch: 1,
    isSelf: false,
    ...more,
  });
  const us = region('us', { isSelf: true });
  const at = (more: Partial<Region>) => doorOf('eu', { data: [us, region('eu', more)] }, '/dead-letters?view=list');
  it.each([
    ['its own', doorOf('us', { data: [us] }, '/'), { isHere: true }],
    ['those of a region that is not active', at({ state: 'failed' }), { isHere: true }],
    ['those of a region that nobody knows', doorOf('gone', { data: [us] }, '/'), { isHere: true }],
    ['an active region', at({ url: 'https://eu.test/' }), { isHere: false, region: 'eu', url: 'https://eu.test/dead-letters?view=list' }],
    ['an active region, wherever it is', at({}), { isHere: false, region: 'eu', url: undefined }],
    ['an address that no browser should follow', at({ url: 'javascript:alert(1)' }), { isHere: false, region: 'eu', url: undefined }],
  ])('%s', (_name, door, expected) => expect(door).toEqual(expected));
});
