/**
 * Reads JSON as what the API promises of the path it came from. The only place where the dashboard trusts instead of checking: server and dashboard come out of one
 * build, the server's tests keep the promise, and a parser for every answer would weigh more than the pages. Empty text is undefined (an answer without a
 * body). Throws SyntaxError when the text is not JSON, TypeError when it is neither an object nor a list.
 */
export function promised<T>(text: string): T {
  const value: unknown = text === '' ? undefined : JSON.parse(text);
  if (!isPromised<T>(value)) throw new TypeError('the answer is not an object');
  return value;
}

const isPromised = <T>(value: unknown): value is T => value === undefined || (typeof value === 'object' && value !== null);
