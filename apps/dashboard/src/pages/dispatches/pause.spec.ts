import { describe, expect, it } from 'vitest';
import { namesOf, pauseIdOf, type PauseNames, pauseText } from './pause.ts';

describe('a pause', () => {
  it.each<[PauseNames, string]>([
    [{ repository: 'acme/api', workflow: 'cd.yml' }, 'cd.yml of acme/api'],
    [{ owner: 'acme' }, 'every repository of acme'],
    [{ workflow: 'cd.yml' }, 'cd.yml'],
    [{ sourceRepository: 'acme/web', sourceWorkflow: 'ci.yml' }, 'everything, started by ci.yml of acme/web'],
    [{ owner: 'acme', region: 'eu' }, 'every repository of acme, for runs that came in at eu'],
  ])('%o is told in words', (names, text) => {
    expect(pauseText(names)).toBe(text);
  });

  it('names only what was given', () => {
    expect(namesOf({ owner: ' acme ', workflow: ' ', region: '' })).toEqual({ owner: 'acme' });
  });

  it('gets a name that the API takes', () => {
    const id = pauseIdOf({ repository: `acme/${'x'.repeat(100)}`, workflow: 'CD.yml' }, 1_700_000_000_000);
    expect(id).toMatch(/^[a-z0-9_-]{1,64}$/);
    expect(pauseIdOf({ owner: '_' }, 1)).toMatch(/^[a-z0-9_-]{1,64}$/);
  });
});
