const LONGEST_NAME = 40;

/** How many characters have to be added, removed or replaced to make one text of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [index, character] of from.split('').entries()) {
    const next = [index + 1];
    for (const [column, other] of to.split('').entries()) {
      const replaced = (row[column] ?? 0) + (character === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}

/** Letters and digits only, so that `webhookUrl` is `webhook_url`. */
const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');

/** The candidate that was most likely meant by `name`, or undefined when none is near. Pure. */
export function didYouMean(name: string, candidates: readonly string[]): string | undefined {
  if (name.length > LONGEST_NAME) return undefined;
  const near = candidates.map((candidate) => ({ candidate, distance: editDistance(plain(name), plain(candidate)) }));
  const best = near.toSorted((a, b) => a.distance - b.distance)[0];
  return best !== undefined && best.distance <= (best.candidate.length > 3 ? 2 : 1) ? best.candidate : undefined;
}
