import { expect, it } from 'vitest';
import type { DispatchStory } from './dispatch.ts';
import { type EventStory, storyLines } from './story.ts';

const ACCEPTED = '2026-11-21T10:00:00.000Z';
const denied = {
  id: 'dlv_1',
  endpointId: 'github:acme/deploy/cd.yml',
  state: 'denied',
  attempts: 0,
  nextAttemptAt: null,
  plannedAt: ACCEPTED,
  endedAt: '2026-11-21T10:00:00.150Z',
  endReason: 'operator_paused',
  endpoint: null,
  history: [],
};
const story: EventStory = {
  id: 'evt_1',
  tenantId: 'gh-acme',
  eventType: 'github.workflow_run.completed',
  source: 'github',
  region: 'us-central1',
  acceptedAt: ACCEPTED,
  state: 'unmatched',
  verdict: null,
  detail: null,
  payload: 'present',
  complete: true,
  deliveries: [],
  data: {},
};
const dispatch: DispatchStory = {
  eventId: 'evt_1',
  region: 'us-central1',
  state: 'skipped',
  repository: 'acme/web',
  workflow: 'ci.yml',
  run: { id: '9', conclusion: 'success', url: 'https://github.com/acme/web/actions/runs/9' },
  skip: null,
  warnings: [],
  report: null,
  targets: [],
};
const pausedTarget = {
  deliveryId: 'dlv_1',
  owner: 'acme',
  repo: 'deploy',
  workflow: 'cd.yml',
  ref: 'main',
  state: 'denied',
  reason: 'operator_paused',
  detail: 'Release freeze.',
  run: null,
};

it('tells of a finished run why nothing is dispatched, not that no endpoint subscribes', () => {
  const lines = storyLines(story, { ...dispatch, skip: { reason: 'no_matching_outbound', detail: 'No rule names it.' } });
  expect(lines).toContain('  nothing is dispatched: no_matching_outbound');
  expect(lines).toContain('      No rule names it.');
  expect(lines.join('\n')).not.toContain('endpoint');
});

it('tells of each target why it was denied', () => {
  const lines = storyLines({ ...story, deliveries: [denied] }, { ...dispatch, targets: [pausedTarget] });
  expect(lines.slice(3, -1)).toEqual([
    '  planned: nothing, all targets are denied',
    '  → github:acme/deploy/cd.yml',
    '      denied (operator_paused)  +150 ms',
    '      operator_paused: Release freeze.',
  ]);
});

it('names the run that was started', () => {
  const run = { id: '10', url: null, conclusion: 'success', endedAt: ACCEPTED };
  const delivered = { ...denied, state: 'delivered', endReason: null };
  const started = { ...pausedTarget, state: 'started', reason: null, detail: null, run };
  expect(storyLines({ ...story, state: 'planned', deliveries: [delivered] }, { ...dispatch, targets: [started] })).toContain(
    '      run 10 ended: success',
  );
});

it('tells an event without a dispatch as before', () => {
  expect(storyLines(story)).toContain('  planned: no endpoint subscribes to it');
});
