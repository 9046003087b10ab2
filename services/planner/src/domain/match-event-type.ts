/**
 * Whether an event type fits a pattern: `*` alone fits all, a `*` as the last part fits one or more parts, elsewhere exactly one.
 * `order.*` fits `order.paid` and `order.item.added`, not `order`.
 */
export function matchesEventType(pattern: string, eventType: string): boolean {
  if (pattern === '*' || pattern === eventType) return true;
  if (!pattern.includes('*')) return false;
  const wanted = pattern.split('.');
  const parts = eventType.split('.');
  const open = wanted.at(-1) === '*';
  if (open ? parts.length < wanted.length : parts.length !== wanted.length) return false;
  return wanted.every((part, index) => part === '*' || part === parts[index]);
}
