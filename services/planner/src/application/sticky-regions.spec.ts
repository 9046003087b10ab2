import { describe, expect, it } from 'vitest';
import { StickyRegions } from './sticky-regions.ts';

describe('what is remembered of correlations', () => {
  it('is kept apart by the region that was wanted', () => {
    const sticky = new StickyRegions();
    sticky.remember('c', 'us', 'eu');
    expect([sticky.find('c', 'us'), sticky.find('c', 'ap'), sticky.find('d', 'us')]).toEqual(['eu', undefined, undefined]);
  });

  it('makes room for new ones at the longest unused', () => {
    const sticky = new StickyRegions(2);
    for (const correlation of ['a', 'b', 'a', 'c']) sticky.remember(correlation, 'us', 'us');
    expect(['a', 'b', 'c'].map((correlation) => sticky.find(correlation, 'us'))).toEqual(['us', undefined, 'us']);
  });
});
