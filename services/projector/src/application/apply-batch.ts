import type { Fact } from '../domain/fact.ts';
import { fold, type Touched, touchedBy } from '../domain/fold.ts';
import { type RegistryBefore, type RegistryChanges, registryChanges } from '../domain/registry-changes.ts';
import type { RegistryVersions } from '../domain/registry-versions.ts';
import type { Before, Changes } from '../domain/working-set.ts';

/** How far a projection has come in one stream. `streamCreated` is null before its first batch, `origin` for what is no copy. */
export interface Checkpoint {
  readonly seq: number;
  readonly streamCreated: string | null;
  readonly origin: string | null;
}

/** One step forward: from the sequence the projection believes in to the last one of the batch. */
export interface Step {
  readonly stream: string;
  readonly streamCreated: string;
  readonly from: number;
  readonly to: number;
  /** Where the message `to` came from, when it is a copy. */
  readonly origin: string | null;
  /** Of the first step into a stream that had lost its beginning: when the oldest message was written that was still there. */
  readonly completeSinceMs?: number;
}

/** What happens in the one transaction of a batch. */
export interface BatchTransaction {
  /** Compare-and-set; false when the checkpoint is not at `step.from` any more. */
  readonly move: (step: Step) => Promise<boolean>;
  readonly load: (touched: Touched) => Promise<Before>;
  readonly save: (changes: Changes) => Promise<void>;
  readonly loadRegistry: (versions: RegistryVersions) => Promise<RegistryBefore>;
  readonly saveRegistry: (changes: RegistryChanges) => Promise<void>;
}
/** Runs `work` in one transaction; what it throws rolls everything back and is thrown on. */
export type InTransaction = <T>(work: (transaction: BatchTransaction) => Promise<T>) => Promise<T>;

/** `stale`: somebody else has moved the checkpoint, so nothing was written. */
export type Applied = 'applied' | 'stale';

class StaleBatch extends Error {}

async function inStep(inTransaction: InTransaction, step: Step, work: (transaction: BatchTransaction) => Promise<void>): Promise<Applied> {
  try {
    await inTransaction(async (transaction) => {
      if (!(await transaction.move(step))) throw new StaleBatch();
      await work(transaction);
    });
    return 'applied';
  } catch (error) {
    if (error instanceof StaleBatch) return 'stale';
    throw error;
  }
}

/**
 * Applies facts exactly once: checkpoint and rows change together or not at all, and only from the checkpoint the batch was read for.
 * Two projectors at once are fenced by the same comparison. `onSaved` is told what changed, after the commit.
 */
export async function applyFacts(
  inTransaction: InTransaction,
  step: Step,
  facts: readonly Fact[],
  onSaved?: (changes: Changes) => void,
): Promise<Applied> {
  let changes: Changes | undefined;
  const applied = await inStep(inTransaction, step, async (transaction) => {
    const before = await transaction.load(touchedBy(facts));
    changes = fold(before, facts);
    await transaction.save(changes);
  });
  if (applied === 'applied' && changes !== undefined) onSaved?.(changes);
  return applied;
}

/** Applies what was read of the registry, in the same way. */
export function applyRegistry(inTransaction: InTransaction, step: Step, versions: RegistryVersions): Promise<Applied> {
  return inStep(inTransaction, step, async (transaction) => {
    const before = await transaction.loadRegistry(versions);
    await transaction.saveRegistry(registryChanges(before, versions));
  });
}
