/** One thing that breaks a rule about the repository as text. `line` is 1-based; 0 when the path itself is wrong. */
export interface Finding {
  readonly path: string;
  readonly line: number;
  readonly rule: string;
}

interface TextRule {
  readonly rule: string;
  readonly applies: (path: string) => boolean;
  readonly pattern: RegExp;
}

const FORBIDDEN_FOLDERS = new Set(['utils', 'util', 'helpers', 'helper', 'common', 'shared', 'misc', 'lib']);
/** `delivery-manager` is the design's own name for the supervisor of region workers. */
const FORBIDDEN_FILES = /(^|[.-])(utils?|helpers?|common|(?<!delivery-)manager|misc|data|info)\.(tsx?|mjs)$/;

const isCode = (path: string): boolean => /\.(tsx?|mts|mjs|js)$/.test(path);
/** The gates' own specs plant what the rules forbid. */
const isWritten = (path: string): boolean => isCode(path) && !path.endsWith('.gate.spec.ts');
const isSource = (path: string): boolean => isCode(path) && /^(packages|services|apps)\//.test(path);

const isTest = (path: string): boolean => /\.(spec|fixture|conformance)\.ts$|\/testing\//.test(path);
/** What runs when Waybill runs: not its tests, nor the fake GitHub that stands in for the real one. */
const isRuntime = (path: string): boolean => isSource(path) && !isTest(path) && !path.startsWith('packages/github-fake/');
/** Waybill starts workflows that exist: making repositories, and the machines for them, is somebody else's work. */
const VENDING = /\bvend(ing|s)?\b|vending|terraform|provision\w*[-_./ ]?repo|repo(sitory|sitories)?[-_./ ]?provision/i;
/** The services, and what they are made of: only the launcher of the embedded default starts processes. */
const startsNothing = (path: string): boolean =>
  isRuntime(path) && /^(services|packages\/(contracts|dispatching|egress|github|regions|runtime|transport))\//.test(path);

/** Patterns are written so that they do not match their own source. */
const TEXT_RULES: readonly TextRule[] = [
  { rule: 'a rule is switched off in place', applies: isWritten, pattern: /\b(eslint|oxlint|oxfmt|prettier)-(disable|ignore)/ },
  { rule: 'the compiler is told to look away', applies: isWritten, pattern: /@ts-(ignore|nocheck|expect-error)\b/ },
  { rule: 'a path of one machine', applies: () => true, pattern: /(^|[\s"'`(=:,])\/(work|farm|home|Users|root)\/[\w.-]/ },
  {
    rule: 'a package registry by name',
    applies: () => true,
    pattern: /\b(registry|npm|mirror)s?\.[a-z0-9-]+\.(org|com|net|io|dev|cloud|local|internal)\b|\bnpmjs\.(org|com)\b/i,
  },
  { rule: 'repositories are vended or provisioned', applies: isRuntime, pattern: VENDING },
  {
    rule: 'a service starts a process',
    applies: startsNothing,
    pattern: /\b(from|import|require|getBuiltinModule)\b\s*\(?\s*['"`](node:)?(child_process|cluster)['"`]/,
  },
  { rule: 'pushes are handled', applies: isRuntime, pattern: /(===?|\bcase)\s*['"`]push['"`]|\bon(ce)?\(\s*['"`]push['"`]/ },
  { rule: 'a library we do not own is mocked', applies: isSource, pattern: /\bvi\.(mock|doMock)\(\s*['"](?!\.)/ },
];

function pathFindings(path: string): Finding[] {
  const findings: Finding[] = [];
  const complain = (rule: string): number => findings.push({ path, line: 0, rule });
  const folders = path.split('/').slice(0, -1);
  if (folders.some((folder) => FORBIDDEN_FOLDERS.has(folder))) complain('a folder that says nothing about what is in it');
  if (isCode(path) && FORBIDDEN_FILES.test(path.slice(path.lastIndexOf('/') + 1)))
    complain('a file name that says nothing about what is in it');
  if (isRuntime(path) && VENDING.test(path)) complain('repositories are vended or provisioned');
  if (isSource(path) && path.endsWith('/index.ts') && !/^packages\/[^/]+\/src\/index\.ts$/.test(path))
    complain('index.ts outside of a package root');
  return findings;
}

function textFindings(path: string, text: string): Finding[] {
  const rules = TEXT_RULES.filter(({ applies, pattern }) => applies(path) && new RegExp(pattern, `${pattern.flags}m`).test(text));
  return rules.flatMap(({ rule, pattern }) =>
    text.split('\n').flatMap((content, index) => (pattern.test(content) ? [{ path, line: index + 1, rule }] : [])),
  );
}

/** What is wrong with one committed file, by its path and its text. Pure. */
export const inspect = (path: string, text: string): Finding[] => [...pathFindings(path), ...textFindings(path, text)];
