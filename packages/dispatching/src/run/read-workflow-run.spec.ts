import { githubRunSchema } from '@waybill/contracts';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { payload } from '../testing/payload.fixture.ts';
import { readWorkflowRun } from './read-workflow-run.ts';

const runOf = (change?: Record<string, unknown>, ofRun?: Record<string, unknown>): unknown =>
  readWorkflowRun(payload(change, ofRun), 'github.com')?.run;

describe('readWorkflowRun', () => {
  it('keeps every digit of the ids, and what a decision needs', () => {
    const read = readWorkflowRun(payload(), 'github.com');
    expect(read).toEqual({
      action: 'completed',
      run: {
        host: 'github.com',
        installationId: '9007199254740993',
        repository: {
          id: '18446744073709551615',
          owner: 'acme',
          ownerId: '11',
          name: 'my-source-repo',
          defaultBranch: 'main',
          private: true,
          archived: false,
        },
        id: '9007199254740995',
        number: 42,
        attempt: 2,
        workflowId: '5',
        path: '.github/workflows/ci.yml@main',
        conclusion: 'success',
        event: 'push',
        headBranch: 'main',
        headSha: '0123456789abcdef0123456789abcdef01234567',
        headRepository: { id: '18446744073709551615', fullName: 'acme/my-source-repo' },
        actor: { id: '3', login: 'ada', type: 'User' },
        triggeringActor: { id: '4', login: 'waybill[bot]', type: 'Bot' },
        url: 'https://github.com/acme/my-source-repo/actions/runs/1',
        createdAt: '2026-11-21T12:00:00Z',
        startedAt: '2026-11-21T12:00:01Z',
        updatedAt: '2026-11-21T12:01:00Z',
      },
    });
    expect(githubRunSchema.parse(read?.run)).toEqual(read?.run);
  });

  it('keeps no title', () => {
    expect(JSON.stringify(runOf())).not.toContain('stranger');
  });

  it.each<[string, Record<string, unknown>, Record<string, unknown>, Record<string, unknown>]>([
    ['no installation', { installation: undefined }, {}, { installationId: undefined }],
    ['no path', {}, { path: undefined }, { path: '.github/workflows/ci.yml' }],
    ['no path, and no workflow', { workflow: null }, { path: null }, { path: '' }],
    ['no head repository', {}, { head_repository: null }, { headRepository: null }],
    ['no actors', {}, { actor: null, triggering_actor: undefined }, { actor: null, triggeringActor: null }],
    ['no branch and no conclusion', {}, { head_branch: null, conclusion: null }, { headBranch: null, conclusion: null }],
    ['no attempt', {}, { run_attempt: undefined }, { attempt: 1 }],
  ])('takes a payload with %s', (_, change, ofRun, expected) => {
    expect(runOf(change, ofRun)).toMatchObject(expected);
  });

  it.each([
    ['no JSON', '{'],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['another event', '{"action":"completed","check_run":{}}'],
    ['a run without an id', payload({}, { id: undefined })],
    ['an id that is a fraction', payload({}, { id: 1.5 })],
    ['an id that is below zero', payload({}, { id: -1 })],
    ['an id that is text of another kind', payload({}, { id: '../1' })],
    ['no repository', payload({ repository: undefined })],
    ['an attempt that is none', payload({}, { run_attempt: 0 })],
  ])('reads no run from %s', (_, body) => {
    expect(readWorkflowRun(body, 'github.com')).toBeUndefined();
  });

  it('never throws, and what it reads is always a run of the contract', () => {
    const value = fc.oneof(fc.string(), fc.integer(), fc.double(), fc.constant(null), fc.jsonValue());
    const fields = fc.dictionary(fc.constantFrom('id', 'path', 'event', 'actor', 'head_repository', 'run_attempt', 'conclusion'), value);
    fc.assert(
      fc.property(fields, fields, (change, ofRun) => {
        const read = readWorkflowRun(payload(change, ofRun), 'github.com');
        expect(read === undefined || githubRunSchema.safeParse(read.run).success).toBe(true);
      }),
    );
    fc.assert(fc.property(fc.string(), (body) => readWorkflowRun(body, 'github.com') === undefined));
  });
});
