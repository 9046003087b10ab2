import { describe, expect, it } from 'vitest';
import { refuseUnfinished, restoreMarked, type RestoreState } from './restore-mark.ts';

const stream = (name: string, state: RestoreState) => ({ name, metadata: restoreMarked({}, 'b1', state) });

describe('a stream that was restored', () => {
  it.each([stream('LOG_US', 'unfinished'), stream('RETRY_US', 'unfinished'), stream('RETRY_US', 'whole')])(
    'is of no use yet: %j',
    (one) => {
      expect(() => refuseUnfinished(one)).toThrow(expect.objectContaining({ code: 'WB_RESTORE_UNFINISHED' }));
    },
  );

  it.each([{ name: 'LOG_US' }, stream('LOG_US', 'whole'), stream('RETRY_US', 'armed')])('may be used: %j', (one) => {
    expect(() => refuseUnfinished(one)).not.toThrow();
  });
});
