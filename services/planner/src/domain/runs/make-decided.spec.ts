import { type DecidedFile, dispatchDecidedSchema, endpointSchema, newEventId } from '@waybill/contracts';
import type { TargetDecision } from '@waybill/dispatching';
import { describe, expect, it } from 'vitest';
import { finishedRun } from '../../testing/finished-run.ts';
import { makeDecided } from './make-decided.ts';

const { tenantId } = endpointSchema.pick({ tenantId: true }).parse({ tenantId: 'gh-acme' });
const event = { eventId: newEventId(0, new Uint8Array(10)), tenantId };
const denied = (ordinal: number): TargetDecision => ({
  ordinal,
  owner: 'acme',
  repo: `repository-${ordinal}`,
  workflow: 'cd.yml',
  rule: 'outbound[0]',
  outcome: { kind: 'denied', denial: { reason: 'max_targets_exceeded', detail: 'too many: '.padEnd(300, '.') } },
});
const decide = (count: number, files: readonly DecidedFile[] = []) =>
  makeDecided({
    event,
    run: finishedRun('1', { path: 'dynamic/pages' }),
    decision: {
      kind: 'decided',
      warnings: [],
      chain: { id: 'c', depth: 0, ancestors: [] },
      targets: Array.from({ length: count }, (_, n) => denied(n)),
      files,
    },
    region: 'us',
    installationId: undefined,
    nowMs: 0,
  });

describe('the fact of a decision', () => {
  it('is what the contract says, with a delivery for each target', () => {
    const fact = decide(3);
    expect(dispatchDecidedSchema.parse(JSON.parse(JSON.stringify(fact)))).toEqual(fact);
    expect(new Set(fact.targets.map(({ deliveryId }) => deliveryId)).size).toBe(3);
    expect([fact.run.workflow, 'installationId' in fact.run]).toEqual(['dynamic/pages', false]);
  });

  it('always fits in a message: every reason stays, details go', () => {
    const fact = decide(2_600);
    expect(Buffer.byteLength(JSON.stringify(fact))).toBeLessThan(1_000_000);
    expect(fact.targets.every(({ denied: why }) => why?.reason === 'max_targets_exceeded')).toBe(true);
    expect([fact.warnings, decide(3).warnings]).toEqual([['details_left_out'], []]);
  });

  it('holds the files that were read, and their texts as far as there is room for them', () => {
    const files = [
      { repository: 'acme/web', path: 'dispatching.yml', sha: 'abc', text: 'outbound: []' },
      { repository: 'acme/none', path: 'dispatching.yml', missing: true, text: '' },
    ] as const;
    const fact = decide(3, files);
    expect(fact.files).toEqual(files);
    expect(dispatchDecidedSchema.parse(JSON.parse(JSON.stringify(fact)))).toEqual(fact);
    // The characters that take most room in JSON.
    const large = Array.from({ length: 5 }, (_, n) => ({ ...files[0], repository: `acme/${n}`, text: '\u{1}'.repeat(16_384) }));
    const crowded = decide(1_000, large);
    expect(crowded.files?.map(({ sha, text, isCut }) => [sha, text, isCut])).toEqual(large.map(() => ['abc', '', true]));
    expect(crowded.warnings).toEqual([]);
    expect(decide(2_600, large)).toMatchObject({ warnings: ['details_left_out'] });
    expect(decide(2_600, large)).not.toHaveProperty('files');
  });
});
