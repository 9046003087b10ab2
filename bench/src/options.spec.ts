import { describe, expect, it } from 'vitest';
import { parseOptions } from './options.ts';

describe('options of the bench', () => {
  it('are 1,200 events a second for a minute when nothing is said', () => {
    expect(parseOptions([])).toMatchObject({
      rate: 1_200,
      events: 72_000,
      endpoints: 1,
      fanOut: 1,
      payloadBytes: 1_024,
      failingPercent: 0,
      via: 'webhook',
    });
  });

  it('count events from rate and duration', () => {
    expect(parseOptions(['--rate', '50', '--duration', '2m'])).toMatchObject({ rate: 50, events: 6_000 });
  });

  it('take as many events as named, as fast as they go', () => {
    expect(parseOptions(['--rate', 'max', '--events', '10', '--failing', '12.5%'])).toMatchObject({
      rate: 0,
      events: 10,
      failingPercent: 12.5,
    });
  });

  it('are not parsed when help is asked for', () => {
    expect(parseOptions(['--help'])).toBeUndefined();
  });

  it.each([
    [['--rate', '-1'], /--rate/],
    [['--rate', 'fast'], /--rate/],
    [['--rate', 'max'], /--events/],
    [['--events', '5', '--duration', '5s'], /either/],
    [['--duration', '5h'], /--duration/],
    [['--endpoints', '0'], /--endpoints/],
    [['--endpoints', '2', '--fan-out', '3'], /--fan-out 3/],
    [['--failing', '101%'], /--failing/],
    [['--failing', 'half'], /--failing/],
    [['--via', 'pigeon'], /--via/],
    [['--speed', '1'], /speed/],
  ])('%j is refused with the option named', (args, message) => {
    expect(() => parseOptions(args)).toThrow(message);
  });
});
