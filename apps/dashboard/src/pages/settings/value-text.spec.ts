import { describe, expect, it } from 'vitest';
import { chosen, nameText, valueText } from './value-text.ts';

describe('a setting', () => {
  it.each([
    [undefined, '–'],
    ['', '–'],
    ['info', 'info'],
    [250, '250'],
    [false, 'false'],
    [[], 'none'],
    [['acme', 'beta'], 'acme, beta'],
    [{ queueDepth: 100, errorRate: 0.05 }, 'queue depth 100, error rate 0.05'],
  ])('%j is shown as %s', (value, text) => {
    expect(valueText(value)).toBe(text);
  });

  it('has a name that can be read', () => {
    expect(nameText('rateLimitPerSecond')).toBe('rate limit per second');
    expect(nameText('webhook_url')).toBe('webhook url');
  });

  it('is found by words of its name, and by whether it was set', () => {
    const all = [
      { name: 'MAX_BODY_BYTES', isDefault: true },
      { name: 'BODY_INLINE_BYTES', isDefault: false },
    ];
    expect(chosen(all, 'body', false)).toHaveLength(2);
    expect(chosen(all, 'max bytes', false)).toEqual([all[0]]);
    expect(chosen(all, '', true)).toEqual([all[1]]);
  });
});
