/**
 * What a query must not do: compute over many rows, or count its way to a page. Reads never aggregate; every number was computed when it was
 * written. Both spellings are looked for, that of SQL and that of the query builder.
 */
const FORBIDDEN: readonly RegExp[] = [
  /\b(?:count|sum|avg|total)\s*\(\s*(?:\*|distinct\b|[a-z_."]*\))/i,
  /\bfn\s*\.\s*(?:count|countAll|sum|avg|min|max|agg)\b/,
  /\bgroup\s+by\b/i,
  /\.groupBy\s*\(/,
  /\bselect\s+distinct\b|\bdistinct\s+on\b/i,
  /\.distinct(?:On)?\s*\(/,
  /\boffset\s+(?:\d|\?|\$|:)/i,
  /\.offset\s*\(/,
  /\bover\s*\(/i,
];

/** The forbidden pieces of a source text, comments left out; empty when it is clean. */
export function forbiddenSql(source: string): string[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/(^|\s)\/\/.*$/gm, '$1');
  return FORBIDDEN.flatMap((pattern) => pattern.exec(code)?.[0] ?? []);
}
