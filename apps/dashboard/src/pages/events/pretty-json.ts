const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g;

/** JSON with line breaks and an indent of two; strings and numbers stay as they were written. What is no JSON comes out as it is, but for its spaces. */
export function prettyJson(json: string): string {
  const tokens = json.match(TOKEN) ?? [];
  let [text, depth] = ['', 0];
  const line = (): string => `\n${'  '.repeat(Math.max(0, depth))}`;
  for (const [at, token] of tokens.entries()) {
    const isEmpty = /^[{[]$/.test(tokens[at - 1] ?? '');
    if (token === '}' || token === ']') {
      depth -= 1;
      text += isEmpty ? token : line() + token;
      continue;
    }
    if (isEmpty) text += line();
    if (token === '{' || token === '[') depth += 1;
    text += token === ':' ? ': ' : token;
    if (token === ',') text += line();
  }
  return text;
}
