/** One thing that was looked at. `remedy` says what to do when it is not well. */
export interface Finding {
  readonly what: string;
  readonly ok: boolean;
  readonly detail: string;
  readonly remedy?: string;
}

/** Something that is wrong with what was looked at, and what to do about it. */
export interface Problem {
  readonly detail: string;
  readonly remedy: string;
}

export const fine = (what: string, detail: string): Finding => ({ what, ok: true, detail });
export const wrong = (what: string, { detail, remedy }: Problem): Finding => ({ what, ok: false, detail, remedy });

/** A finding for each problem, or the one that there is none. */
export const verdict = (what: string, problems: readonly Problem[], well: string): Finding[] =>
  problems.length === 0 ? [fine(what, well)] : problems.map((problem) => wrong(what, problem));

/** A finding as the lines of a terminal. */
export function linesOf({ what, ok, detail, remedy }: Finding): string[] {
  const first = `${ok ? 'ok    ' : 'WRONG '} ${what.padEnd(26)} ${detail}`;
  return ok || remedy === undefined ? [first] : [first, `        what to do: ${remedy}`];
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Runs a look-up and turns its failure into a finding. */
export async function attempt(what: string, remedy: string, look: () => Promise<Finding>): Promise<Finding> {
  try {
    return await look();
  } catch (error) {
    return wrong(what, { detail: messageOf(error), remedy });
  }
}

const AGAIN_MS = 500;

/**
 * Looks again and again until all is well, because what just started or just lost its leader is not wrong; what still is after the budget is. The last
 * findings are returned.
 */
export async function lasting(look: () => Promise<Finding[]>, budgetMs: number): Promise<Finding[]> {
  const deadline = performance.now() + budgetMs;
  for (;;) {
    const findings = await look();
    if (findings.every(({ ok }) => ok) || performance.now() > deadline) return findings;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
}
