import type { Pause } from '@waybill/contracts';
import { describe, expect, it } from 'vitest';
import { pauseFor } from './pause-for.ts';

const repository = {
  id: '1',
  owner: 'acme',
  ownerId: '1',
  name: 'my-source-repo',
  defaultBranch: 'main',
  private: false,
  archived: false,
};
const source = { run: { repository, path: '.github/workflows/ci.yml' }, region: 'us' };
const target = { owner: 'beta', repo: 'web', workflow: 'cd.yml' };
const holds = (members: Partial<Pause>): boolean =>
  pauseFor([{ id: 'p', reason: 'x', createdAt: '', updatedAt: '', ...members }], source, target) !== undefined;

describe('a pause', () => {
  it('holds what fits all its members, whatever the case', () => {
    const all = {
      owner: 'BETA',
      repository: 'Beta/WEB',
      workflow: 'CD.yml',
      sourceRepository: 'acme/My-Source-Repo',
      sourceWorkflow: 'ci.yml',
    };
    expect(holds({ ...all, region: 'us' })).toBe(true);
    expect(holds({})).toBe(true);
  });

  it.each([
    { owner: 'acme' },
    { repository: 'beta/api' },
    { workflow: 'ci.yml' },
    { sourceRepository: 'acme/other' },
    { sourceWorkflow: 'cd.yml' },
    { region: 'eu' },
  ])('lets pass what does not fit %o', (member) => {
    expect(holds({ ...member })).toBe(false);
    expect(holds({ owner: 'beta', ...member })).toBe(false);
  });

  it('is the first that fits', () => {
    const pause = { reason: 'x', createdAt: '', updatedAt: '' };
    const pauses = [
      { ...pause, id: 'a', owner: 'acme' },
      { ...pause, id: 'b', owner: 'beta' },
      { ...pause, id: 'c' },
    ];
    expect(pauseFor(pauses, source, target)?.id).toBe('b');
  });
});
