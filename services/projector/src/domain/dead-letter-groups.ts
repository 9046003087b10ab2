import type { DeadLetterGroupRow } from './recovery-rows.ts';
import type { DeadLetterRow } from './rows.ts';
import type { Before, WorkingSet } from './working-set.ts';

type Group = Omit<DeadLetterGroupRow, 'open'>;

/** The changes of the groups' counts that follow from what became of dead letters in a batch. Empty for nearly every batch. */
export function groupChangesOf(before: Before, after: WorkingSet): DeadLetterGroupRow[] {
  const changes = new Map<string, DeadLetterGroupRow>();
  const add = (row: DeadLetterRow | undefined, value: number): void => {
    if (row?.state !== 'open') return;
    const group = groupOf(row);
    const key = JSON.stringify(Object.values(group));
    changes.set(key, { ...group, open: (changes.get(key)?.open ?? 0) + value });
  };
  for (const id of new Set([...after.deadLetters.keys(), ...after.revived])) {
    add(before.deadLetters.get(id), -1);
    add(after.deadLetter(id), 1);
  }
  return [...changes.values()].filter(({ open }) => open !== 0);
}

const groupOf = ({ scope, tenant_id, endpoint_id, reason, region }: DeadLetterRow): Group => ({
  scope,
  tenant_id,
  endpoint_id,
  reason,
  region,
});
