/** Whether two names of GitHub (owners, repositories) are the same. */
export const sameName = (left: string, right: string): boolean => left.toLowerCase() === right.toLowerCase();

/** Whether a list of names holds one; absent or `any`: it holds all. */
export function listsName(names: ReadonlySet<string> | 'any' | undefined, name: string): boolean {
  if (names === undefined || names === 'any') return true;
  return [...names].some((listed) => sameName(listed, name));
}
