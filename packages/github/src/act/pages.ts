import type { Answered } from '../call/calls.ts';

/** The page after this one, as the value of a query member of the `Link` header; undefined on the last page. */
export function nextPage({ headers }: Pick<Answered, 'headers'>, member: 'cursor' | 'page'): string | undefined {
  const { link } = headers;
  const [, url = ''] = /<([^<>]+)>;\s*rel="next"/.exec(typeof link === 'string' ? link : '') ?? [];
  return URL.canParse(url) ? (new URL(url).searchParams.get(member) ?? undefined) : undefined;
}

/** Walks pages until `find` says it has what it wants, or there are no more, or `most` were read. */
export async function walkPages<T>(
  most: number,
  ask: (page: number) => Promise<Answered>,
  find: (answer: Answered) => T | undefined,
): Promise<T | undefined> {
  for (let page = 1; page <= most; page += 1) {
    const answer = await ask(page);
    const found = find(answer);
    if (found !== undefined || nextPage(answer, 'page') === undefined) return found;
  }
  return undefined;
}
