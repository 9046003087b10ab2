import { describe, expect, it } from 'vitest';
import { checkRegions } from './check-regions.ts';

const declare = (...regions: readonly [id: string, priority?: number][]): string =>
  JSON.stringify(
    regions.map(([id, priority]) => ({
      id,
      host: `nats://${id}:4222`,
      region: id,
      key: 'k',
      webhook_url: 'https://hooks.example.com',
      priority,
    })),
  );
const three = declare(['asia'], ['europe', 2], ['us', 1]);
const flagsOf = (env: Record<string, string>) => {
  const { multiRegion, problems } = checkRegions(env);
  expect(problems).toEqual([]);
  return multiRegion;
};

describe('the flags about regions', () => {
  it('have defaults for several regions', () => {
    expect(flagsOf({ REGIONS_CONFIG: three })).toEqual({
      enabled: true,
      primaryRegion: 'us',
      secondaryRegion: 'europe',
      failoverEnabled: false,
      region: undefined,
      dispatcherRegions: ['us', 'europe', 'asia'],
      order: ['us', 'europe', 'asia'],
    });
  });

  it('leave a single region alone, whatever they say', () => {
    expect(flagsOf({ NATS_URL: 'nats://x:4222', REGION: 'us', MULTI_REGION_ENABLED: 'true', PRIMARY_REGION: 'us' })).toEqual({
      enabled: false,
      primaryRegion: 'us',
      secondaryRegion: undefined,
      failoverEnabled: false,
      region: 'us',
      dispatcherRegions: ['us'],
      order: ['us'],
    });
    expect(flagsOf({ REGIONS_CONFIG: declare(['us']) })).toMatchObject({ enabled: false, region: 'us', dispatcherRegions: ['us'] });
    expect(flagsOf({})).toMatchObject({ enabled: false, primaryRegion: 'local', dispatcherRegions: ['local'] });
  });

  it.each([
    ['the primary by name', { PRIMARY_REGION: 'asia' }, ['asia', 'us', 'europe']],
    ['the secondary by name', { SECONDARY_REGION: 'asia' }, ['us', 'asia', 'europe']],
    ['both by name', { PRIMARY_REGION: 'europe', SECONDARY_REGION: 'asia' }, ['europe', 'asia', 'us']],
    ['the first by priority as the secondary', { SECONDARY_REGION: 'us' }, ['europe', 'us', 'asia']],
  ])('order the regions: %s', (_, flags, order) => {
    expect(flagsOf({ REGIONS_CONFIG: three, ...flags })).toMatchObject({ primaryRegion: order[0], secondaryRegion: order[1], order });
  });

  it('roll back to the primary region, and switch failover on', () => {
    const env = { REGIONS_CONFIG: three, MULTI_REGION_ENABLED: 'false', FAILOVER_ENABLED: 'on' };
    expect(flagsOf(env)).toMatchObject({ enabled: false, failoverEnabled: true, primaryRegion: 'us' });
  });

  it.each([
    [{ REGION: 'europe' }, ['europe']],
    [{ DISPATCHER_REGIONS: ' asia, us,asia, ' }, ['asia', 'us']],
    [{ REGION: 'europe', DISPATCHER_REGIONS: 'us' }, ['us']],
  ])('say with %j which regions a dispatcher works for', (flags, expected) => {
    expect(flagsOf({ REGIONS_CONFIG: three, ...flags })?.dispatcherRegions).toEqual(expected);
  });

  const unknown = (name: string, id: string): string => `${name}: there is no region "${id}"; use us, eu, or declare it`;
  it.each([
    [{ PRIMARY_REGION: 'mars' }, [unknown('PRIMARY_REGION', 'mars')]],
    [{ SECONDARY_REGION: 'mars' }, [unknown('SECONDARY_REGION', 'mars')]],
    [{ REGION: 'mars' }, [unknown('REGION', 'mars')]],
    [{ DISPATCHER_REGIONS: 'us,mars,venus' }, [unknown('DISPATCHER_REGIONS', 'mars'), unknown('DISPATCHER_REGIONS', 'venus')]],
    [{ PRIMARY_REGION: 'usa' }, ['PRIMARY_REGION: there is no region "usa" (did you mean "us"?); use us, eu, or declare it']],
    [{ DISPATCHER_REGIONS: ',' }, ['DISPATCHER_REGIONS: names no region; list ids separated by commas, or leave it out']],
    [{ PRIMARY_REGION: 'us', SECONDARY_REGION: 'us' }, ['SECONDARY_REGION: the same as PRIMARY_REGION; name another region, or none']],
    [{ MULTI_REGION_ENABLED: 'perhaps' }, ['MULTI_REGION_ENABLED: neither true nor false; use true or false']],
    [{ FAILOVER_ENABLED: '2' }, ['FAILOVER_ENABLED: neither true nor false; use true or false']],
  ])('are refused with %j', (flags, told) => {
    expect(checkRegions({ REGIONS_CONFIG: declare(['us'], ['eu']), ...flags }).problems).toEqual(told);
  });

  it('are refused with a region that a single-region setup does not have', () => {
    expect(checkRegions({ NATS_URL: 'nats://x:4222', PRIMARY_REGION: 'us' }).problems).toEqual([
      'PRIMARY_REGION: there is no region "us"; use local, or declare it',
    ]);
  });

  it('are checked although the regions cannot be read, and nothing is called unknown then', () => {
    const { problems } = checkRegions({ REGIONS_CONFIG: '{', PRIMARY_REGION: 'us', FAILOVER_ENABLED: 'perhaps' });
    expect(problems).toEqual([
      expect.stringMatching(/^REGIONS_CONFIG: line 1/),
      'FAILOVER_ENABLED: neither true nor false; use true or false',
    ]);
  });
});
