/** A setting's value as text: lists and mappings with commas, what is not there as a dash. */
export function valueText(value: unknown): string {
  if (value === undefined || value === null || value === '') return '–';
  if (Array.isArray(value)) return value.length === 0 ? 'none' : value.map(valueText).join(', ');
  if (typeof value === 'object')
    return Object.entries(value)
      .map(([name, one]) => `${nameText(name)} ${valueText(one)}`)
      .join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** A name of the configuration in words: `rateLimitPerSecond` and `rate_limit_per_second` are `rate limit per second`. */
export const nameText = (name: string): string =>
  name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll('_', ' ')
    .toLowerCase();

/** Variables whose name holds all words of what was typed; `isSet`: only those that are not as they come. */
export function chosen<One extends { readonly name: string; readonly isDefault: boolean }>(
  variables: readonly One[],
  typed: string,
  isSet: boolean,
): readonly One[] {
  const words = typed.toUpperCase().split(/[\s_]+/);
  return variables.filter(({ name, isDefault }) => !(isSet && isDefault) && words.every((word) => name.includes(word)));
}
