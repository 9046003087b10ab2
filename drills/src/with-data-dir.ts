import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { untilInterrupted } from '@waybill/bench';

/** What takes a rig down again, in the order in which it was put up. */
export type Undo = (() => Promise<void> | void)[];

/**
 * Puts a rig up in a data folder, runs `drill` on it and takes everything down again, also when it is interrupted. The data folder stays when the drill
 * failed or was named by the caller.
 */
export async function withDataDir<Rig, Result extends { readonly findings: readonly string[] }>(
  wanted: string | undefined,
  assemble: (dataDir: string, undo: Undo) => Promise<Rig>,
  drill: (rig: Rig) => Promise<Result>,
): Promise<Result> {
  const dataDir = wanted ?? mkdtempSync(join(tmpdir(), 'waybill-drill-'));
  const undo: Undo = [];
  let isFine = false;
  try {
    const result = await untilInterrupted(assemble(dataDir, undo).then(drill));
    isFine = result.findings.length === 0;
    return result;
  } finally {
    for (const step of undo.toReversed()) await step();
    if (isFine && wanted === undefined) rmSync(dataDir, { recursive: true, force: true });
    else process.stderr.write(`the data stays in ${dataDir}\n`);
  }
}
