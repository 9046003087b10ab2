import { type Document, isNode, isScalar, visit } from 'yaml';
import type { z } from 'zod';
import type { FileProblem } from './dispatching-file.ts';

type Issue = z.core.$ZodIssue;
type Key = Issue['path'][number];
/** A file with thousands of mistakes is told of the first ones. */
export const MAX_PROBLEMS = 20;

/** The line of a place in a text, from 1. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length;

/** A path as people read it: `outbound[0].targets[1].ref`. */
export const pathText = (path: readonly Key[]): string =>
  path.map((key, at) => (typeof key === 'number' ? `[${key}]` : `${at === 0 ? '' : '.'}${String(key)}`)).join('');

/** The line of the node at a path, or of the nearest one above it. */
export function lineOf(text: string, document: Document, path: readonly Key[]): number | undefined {
  for (let length = path.length; length >= 0; length -= 1) {
    const node: unknown = length === 0 ? document.contents : document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range !== undefined && node.range !== null) return lineAt(text, node.range[0]);
  }
  return undefined;
}

/** What the parser found: errors, and warnings as well. */
export function parserProblems(text: string, { errors, warnings }: Document): FileProblem[] {
  return [...errors, ...warnings].slice(0, MAX_PROBLEMS).map(({ code, message, pos }) => ({
    path: '',
    line: lineAt(text, pos[0]),
    message: parserMessage(code, message),
  }));
}

function parserMessage(code: string, message: string): string {
  if (code === 'DUPLICATE_KEY') return 'this key stands twice in the same mapping: remove one';
  if (code === 'NON_STRING_KEY') return 'a key must be plain text: quote it';
  return `this is not sound YAML: ${message.split('\n')[0] ?? ''}`;
}

/** Keys that would not survive being read into an object. */
export function keyProblems(text: string, document: Document): FileProblem[] {
  const found: FileProblem[] = [];
  visit(document, {
    Pair: (_, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return;
      found.push({ path: '', line: lineAt(text, key.range?.[0] ?? 0), message: '__proto__ cannot be used as a name: choose another' });
    },
  });
  return found.slice(0, MAX_PROBLEMS);
}

/** What the schema found, with paths and lines. */
export function schemaProblems(text: string, document: Document, issues: readonly Issue[]): FileProblem[] {
  return issues
    .flatMap((issue) => tellIssue(issue, []))
    .slice(0, MAX_PROBLEMS)
    .map(({ path, message }) => ({ path: pathText(path), line: lineOf(text, document, path), message }));
}

interface Told {
  readonly path: readonly Key[];
  readonly message: string;
}

function tellIssue(issue: Issue, above: readonly Key[]): Told[] {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => ({
        path: [...path, key],
        message: 'this key is not known: compare the spelling, or begin it with x-',
      }));
    case 'invalid_key':
      return [{ path, message: issue.issues[0]?.message ?? issue.message }];
    case 'invalid_union': {
      // What came closest: the form whose mistakes lie deeper than its own type.
      const closest = issue.errors.find((mistakes) =>
        mistakes.some((mistake) => mistake.path.length > 0 || (mistake.code !== 'invalid_type' && mistake.code !== 'invalid_value')),
      );
      return closest?.flatMap((mistake) => tellIssue(mistake, path)) ?? [{ path, message: issue.message }];
    }
    case 'invalid_type':
      return [
        { path, message: issue.input === undefined && issue.message.startsWith('Invalid input') ? 'this key is missing' : issue.message },
      ];
    default:
      return [{ path, message: issue.message }];
  }
}
