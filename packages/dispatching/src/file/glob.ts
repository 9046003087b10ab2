/**
 * Whether a text fits a pattern: `*` stands for any characters but `/`, `**` for any at all, everything else for itself. Takes time in proportion to
 * both lengths multiplied, whatever the pattern.
 */
export function matchesGlob(pattern: string, text: string): boolean {
  const steps = pattern.match(/\*+|[^*]/g) ?? [];
  let reached = pastStars(steps, [0]);
  for (const character of text.split('')) reached = pastStars(steps, advance(steps, reached, character));
  return reached.has(steps.length);
}

/** The steps that may come next, of those that could come before this character. */
function advance(steps: readonly string[], reached: ReadonlySet<number>, character: string): number[] {
  return [...reached].flatMap((at) => {
    const step = steps[at] ?? '';
    if (step.startsWith('*')) return step.length > 1 || character !== '/' ? [at] : [];
    return step === character ? [at + 1] : [];
  });
}

/** A star may stand for nothing. */
function pastStars(steps: readonly string[], reached: readonly number[]): ReadonlySet<number> {
  const all = new Set(reached);
  for (const at of all) if (steps[at]?.startsWith('*') === true) all.add(at + 1);
  return all;
}
