import { describe, expect, it } from 'vitest';
import { hasOwnApp } from './own-app.ts';

const APP = { GITHUB_APP_ID: '1', GITHUB_APP_PRIVATE_KEY: 'pem', GITHUB_WEBHOOK_SECRET: 'secret', ALLOWED_OWNERS: 'acme' };

describe('an App of the user', () => {
  it('is there when all of it is, and not when nothing is, or only empty variables', () => {
    expect([hasOwnApp(APP), hasOwnApp({}), hasOwnApp({ GITHUB_APP_ID: '' }), hasOwnApp({ ALLOWED_OWNERS: 'acme' })]).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('that is only half configured is refused with what lacks, and no value', () => {
    expect(() => hasOwnApp({ GITHUB_APP_ID: 'the-id', GITHUB_WEBHOOK_SECRET: 'the-secret' })).toThrow(
      'a GitHub App needs GITHUB_APP_PRIVATE_KEY, ALLOWED_OWNERS too; or unset GITHUB_APP_ID, GITHUB_WEBHOOK_SECRET',
    );
  });
});
