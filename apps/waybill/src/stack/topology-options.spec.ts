import { describe, expect, it } from 'vitest';
import { topologyOptions } from './topology-options.ts';

describe('how long facts are kept', () => {
  it('is what the variables say, and nothing where they are empty', () => {
    expect(topologyOptions({ LOG_MAX_AGE_DAYS: '3', DEAD_LETTER_DAYS: '', LOG_MAX_BYTES: '-1' })).toEqual({
      logMaxAgeDays: 3,
      logMaxBytes: -1,
    });
  });

  it.each([{ DEAD_LETTER_DAYS: '30d' }, { DEAD_LETTER_DAYS: '-1' }, { LOG_MAX_AGE_DAYS: '-1' }, { LOG_MAX_AGE_DAYS: 'Infinity' }])(
    'is never guessed: %j',
    (env) => {
      expect(() => topologyOptions(env)).toThrow(expect.objectContaining({ code: 'WB_CONFIG_INVALID' }));
    },
  );
});
