/** One package source of apt, from either of its two formats. */
export interface AptSource {
  readonly uris: readonly string[];
  readonly suites: readonly string[];
  readonly components: readonly string[];
  /** Path of the keyring, when the source names one by path. */
  readonly signedBy: string | undefined;
}

/** A mirror of the Debian archive, as the machine itself uses it. */
export interface DebianMirror {
  readonly uri: string;
  readonly signedBy: string | undefined;
}

/** Debian's own suites; anything else (Ubuntu, vendors) has no `sid` beside it. */
const debianSuites = new Set('stable testing unstable sid oldstable oldoldstable buster bullseye bookworm trixie forky duke'.split(' '));
const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
const keyringPath = (value: string | undefined): string | undefined => (value?.startsWith('/') ? value : undefined);

function oneLine(line: string): AptSource | undefined {
  const match = /^deb\s+(?:\[([^\]]*)\]\s+)?(\S+)\s+(\S+)\s*(.*)$/.exec(line.replace(/#.*/, '').trim());
  if (match?.[2] === undefined || match[3] === undefined) return undefined;
  const signedBy = words(match[1] ?? '').find((option) => option.startsWith('signed-by='));
  return {
    uris: [match[2]],
    suites: [match[3]],
    components: words(match[4] ?? ''),
    signedBy: keyringPath(signedBy?.slice('signed-by='.length)),
  };
}

/** Reads the one-line format (`*.list`); `deb-src` lines and comments are left out. */
export function parseOneLineSources(text: string): AptSource[] {
  return text.split('\n').flatMap((line) => oneLine(line) ?? []);
}

/** The fields of one stanza by lower-case name; a line that begins with a space continues the field above it. */
function stanzaFields(stanza: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  let name = '';
  for (const line of stanza.split('\n')) {
    if (line.startsWith('#')) continue;
    const match = /^([A-Za-z-]+):\s*(.*)$/.exec(line);
    if (match?.[1] !== undefined) name = match[1].toLowerCase();
    const value = match?.[2] ?? line;
    if (name !== '') fields.set(name, `${fields.get(name) ?? ''} ${value.trim()}`.trim());
  }
  return fields;
}

function deb822(stanza: string): AptSource | undefined {
  const fields = stanzaFields(stanza);
  const list = (name: string): string[] => words(fields.get(name) ?? '');
  const isEnabled = !['no', 'false', '0', 'off', 'without', 'disable'].includes((fields.get('enabled') ?? 'yes').toLowerCase());
  if (!isEnabled || !list('types').includes('deb')) return undefined;
  return { uris: list('uris'), suites: list('suites'), components: list('components'), signedBy: keyringPath(list('signed-by')[0]) };
}

/** Reads the deb822 format (`*.sources`); disabled and source-only stanzas are left out. */
export function parseDeb822Sources(text: string): AptSource[] {
  return text
    .replaceAll('\r', '')
    .split(/\n(?:[ \t]*\n)+/)
    .flatMap((stanza) => deb822(stanza) ?? []);
}

/** True for what apt can fetch from without a disc in a drive. */
const isFetchable = (uri: string): boolean => /^(https?|ftp|file|tor\+https?|mirror\+\w+):/.test(uri);
const isDebian = ({ suites, components }: AptSource): boolean =>
  components.includes('main') && suites.some((suite) => debianSuites.has(suite));
const looksLikeTheArchive = ({ uri }: DebianMirror): boolean => /\/debian\/?$|^mirror\+/.test(uri);

/** The mirrors of the Debian archive among the sources; those whose path says so first, since vendors use Debian's suite names too. */
export function debianMirrors(sources: readonly AptSource[]): DebianMirror[] {
  const mirrors = sources.filter(isDebian).flatMap(({ uris, signedBy }) => uris.filter(isFetchable).map((uri) => ({ uri, signedBy })));
  return mirrors.toSorted((left, right) => Number(looksLikeTheArchive(right)) - Number(looksLikeTheArchive(left)));
}
