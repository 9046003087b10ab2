/** A string, or one of the characters that build objects and arrays. Global: the caller iterates. */
const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\]:]/g;

/**
 * The first key that occurs twice in one object of a valid JSON text, for the error message. Slower than the count that found out
 * that there is one, and only called then.
 */
export function duplicateKeyOf(bytes: Buffer): string | undefined {
  const objects: (Set<string> | undefined)[] = [];
  let lastString = '""';
  for (const [token] of bytes.toString('utf8').matchAll(TOKEN)) {
    if (token === '{') objects.push(new Set());
    else if (token === '[') objects.push(undefined);
    else if (token === '}' || token === ']') objects.pop();
    else if (token === ':') {
      const key = String(JSON.parse(lastString));
      const seen = objects.at(-1);
      if (seen?.has(key)) return key;
      seen?.add(key);
    } else lastString = token;
  }
  return undefined;
}
