/** Address of a trace in a tool of the user's own; undefined as long as an id that the template asks for is not known. */
export function traceLink(
  template: string | undefined,
  ids: { readonly traceId: string | undefined; readonly eventId: string | undefined },
): string | undefined {
  let link = template;
  for (const [name, id] of Object.entries(ids)) {
    if (link?.includes(`{${name}}`) !== true) continue;
    if (id === undefined || id === '') return undefined;
    const encoded = encodeURIComponent(id);
    link = link.replaceAll(`{${name}}`, () => encoded);
  }
  return link;
}
