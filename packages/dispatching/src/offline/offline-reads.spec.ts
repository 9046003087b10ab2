import { describe, expect, it } from 'vitest';
import { decideRun } from '../decide/decide-run.ts';
import { FROM_S, inbound, outbound, runOf, SOURCE_ID, tell, TO_T, World } from '../testing/world.fixture.ts';
import { offlineReads } from './offline-reads.ts';

const S = 'acme/my-source-repo';
const T = 'acme/My-Target-Repo';

describe('offlineReads', () => {
  it('decides from files alone', async () => {
    const github = offlineReads(runOf(), {
      [S]: { files: { 'dispatching.yml': outbound(TO_T), '.github/dispatching.yml': '' } },
      [T]: { defaultBranch: 'trunk', files: { '.github/dispatching.yml': inbound(FROM_S) } },
    });
    expect(tell(await decideRun(runOf(), { ...new World().ports, github }))).toBe('allow trunk + config_shadowed');
  });

  it('knows no other repository, and no file that is not given', async () => {
    const github = offlineReads(runOf(), { [S]: { files: {} } });
    expect(await github.repository('acme', 'my-target-repo')).toEqual({ kind: 'not_installed' });
    expect(await github.dispatchingFile({ owner: 'acme', name: 'my-source-repo', installationId: '0' })).toEqual({ kind: 'missing' });
  });

  it('gives repositories different ids, and the source its own', async () => {
    const github = offlineReads(runOf(), { [S]: { files: {} }, 'acme/a': { files: {} }, 'acme/b': { files: {} } });
    const found = await Promise.all(['my-source-repo', 'a', 'b'].map((name) => github.repository('acme', name)));
    const ids = found.map((lookup) => (lookup.kind === 'found' ? lookup.repository.id : ''));
    expect(ids[0]).toBe(SOURCE_ID);
    expect(new Set(ids).size).toBe(3);
  });
});
