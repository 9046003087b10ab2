import { type Document, parseDocument } from 'yaml';
import { z } from 'zod';
import { inputsProblem, unknownTemplate } from '../template/render.ts';
import type { DispatchingFile, FileReading, InboundRule, OutboundRule } from './dispatching-file.ts';
import { keyProblems, lineOf, MAX_PROBLEMS, parserProblems, pathText, schemaProblems } from './problems.ts';
import { refProblem } from './refs.ts';
import { refuseBeforeParsing } from './scan.ts';
import { fileSchema, type FileText } from './schema.ts';

const OPTIONS = {
  version: '1.2',
  schema: 'core',
  uniqueKeys: true,
  // Without it, 1,000 bytes of `? ` keep toJS busy for a minute.
  stringKeys: true,
  merge: false,
  prettyErrors: false,
  logLevel: 'silent',
} as const;

/**
 * Reads a `dispatching.yml`: github.md 3.3. Never throws, and takes less than 50 ms for what it refuses before parsing. `warnings` of a valid file name
 * targets that will always be denied.
 */
export function readDispatchingFile(text: string): FileReading {
  const refused = refuseBeforeParsing(text);
  if (refused !== undefined) return { kind: 'invalid', problems: [refused] };
  try {
    return readDocument(text, parseDocument(text, OPTIONS));
  } catch {
    return { kind: 'invalid', problems: [{ path: '', message: 'the file cannot be read as YAML: simplify it' }] };
  }
}

function readDocument(text: string, document: Document): FileReading {
  const unsound = [...parserProblems(text, document), ...keyProblems(text, document)];
  if (unsound.length > 0) return { kind: 'invalid', problems: unsound };
  const content: unknown = withoutNotes(document.toJS({ maxAliasCount: 0 }));
  const parsed = fileSchema.safeParse(content ?? {}, { reportInput: true });
  if (!parsed.success) return { kind: 'invalid', problems: schemaProblems(text, document, parsed.error.issues) };
  const file = fileOf(parsed.data);
  const twice = sameIds(parsed.data).map(({ path }) => ({
    path: pathText(path),
    line: lineOf(text, document, path),
    message: 'another rule has this id: choose another',
  }));
  if (twice.length > 0) return { kind: 'invalid', problems: twice };
  const warnings = warningsOf(file).map(({ path, message }) => ({ path: pathText(path), line: lineOf(text, document, path), message }));
  return warnings.length === 0 ? { kind: 'valid', file } : { kind: 'valid', file, warnings: warnings.slice(0, MAX_PROBLEMS) };
}

/** Takes out the keys that people may use for themselves. Names of inputs are no such keys. */
function withoutNotes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNotes);
  if (typeof value !== 'object' || value === null) return value;
  const kept = Object.entries(value).filter(([key]) => !key.startsWith('x-'));
  return Object.fromEntries(kept.map(([key, member]: [string, unknown]) => [key, key === 'inputs' ? member : withoutNotes(member)]));
}

const listed = (value: string | readonly string[]): readonly string[] => (typeof value === 'string' ? [value] : value);

function placeOf(repository: string): { readonly owner?: string; readonly repo: string } {
  const [first = '', second] = repository.split('/');
  return second === undefined ? { repo: first } : { owner: first, repo: second };
}

function fileOf({ outbound, inbound }: FileText): DispatchingFile {
  return {
    outbound: (outbound ?? []).map(({ id, source: { workflow, ...conditions }, targets }, at): OutboundRule => ({
      name: id ?? `outbound[${at}]`,
      source: { workflows: listed(workflow), ...conditions },
      targets: targets.map(({ repository, workflow: file, ref, inputs, enabled }) => ({
        ...placeOf(repository),
        workflow: file,
        ref,
        inputs: Object.fromEntries(Object.entries(inputs ?? {}).map(([key, value]) => [key, String(value)])),
        enabled: enabled ?? true,
      })),
    })),
    inbound: (inbound ?? []).map(({ source: { repository, workflow, ...conditions }, targets }, at): InboundRule => ({
      name: `inbound[${at}]`,
      source: { ...placeOf(repository), workflows: listed(workflow), ...conditions },
      targets: targets.map(({ workflow: file, refs, accept_inputs: acceptInputs }) => ({
        workflow: file,
        refs,
        acceptInputs: acceptInputs ?? [],
      })),
    })),
  };
}

interface Found {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

function sameIds({ outbound }: FileText): Pick<Found, 'path'>[] {
  const ids = (outbound ?? []).map(({ id }) => id);
  return ids.flatMap((id, at) => (id !== undefined && ids.indexOf(id) !== at ? [{ path: ['outbound', at, 'id'] }] : []));
}

/** Targets that no run can start, whatever the other side says. */
function warningsOf({ outbound }: DispatchingFile): Found[] {
  return outbound.flatMap(({ targets }, rule) =>
    targets.flatMap(({ ref, inputs }, target) => {
      const path = ['outbound', rule, 'targets', target];
      const wrongRef = ref === undefined ? undefined : refProblem(ref);
      const values = Object.entries(inputs).flatMap(([name, value]) => {
        const message = unknownTemplate(value) ?? inputsProblem({ [name]: value }, 25)?.detail;
        return message === undefined ? [] : [{ path: [...path, 'inputs', name], message }];
      });
      return wrongRef === undefined ? values : [{ path: [...path, 'ref'], message: wrongRef }, ...values];
    }),
  );
}

/** The JSON Schema (draft 7) of `dispatching.yml`, for editors. */
export function dispatchingJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(fileSchema, {
    target: 'draft-7',
    override: ({ jsonSchema }) => {
      if (jsonSchema.additionalProperties === false) jsonSchema.patternProperties = { '^x-': {} };
    },
  });
  return { ...schema, title: 'dispatching.yml' };
}
