/** Lays a patch over a record: `null` removes a field, a field that is absent stays. One level deep. */
export function mergePatch(current: object, patch: object): Record<string, unknown> {
  const merged = { ...current, ...patch };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined));
}
