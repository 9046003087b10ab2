import { hash } from 'node:crypto';
import { type Chain, type GithubRun, runIdentity, workflowFileOf } from '@waybill/contracts';
import type { Denial } from '../decide/decision.ts';

const NAMES = [
  'source.sha',
  'source.short_sha',
  'source.head_branch',
  'source.run_id',
  'source.run_number',
  'source.run_attempt',
  'source.run_url',
  'source.repo',
  'source.owner',
  'source.workflow',
  'source.event',
  'source.conclusion',
  'source.actor',
  'waybill.chain_id',
  'waybill.plan_id',
] as const;

/** The values of the closed list, by name. */
export type Variables = ReadonlyMap<string, string>;

const TEMPLATE = /\{\{([^{}]*)\}\}/g;
const CONTROL = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const MAX_VALUE = 1_024;
const MAX_TOTAL = 65_535;

/** What templates may name, for one run. The plan's id follows from the run alone, so that every delivery of its webhook renders the same. */
export function variablesOf(run: GithubRun, chain: Chain): Variables {
  const values: Readonly<Record<(typeof NAMES)[number], string>> = {
    'source.sha': run.headSha,
    'source.short_sha': run.headSha.slice(0, 7),
    'source.head_branch': run.headBranch ?? '',
    'source.run_id': run.id,
    'source.run_number': String(run.number),
    'source.run_attempt': String(run.attempt),
    'source.run_url': run.url,
    'source.repo': run.repository.name,
    'source.owner': run.repository.owner,
    'source.workflow': workflowFileOf(run.path) ?? '',
    'source.event': run.event,
    'source.conclusion': run.conclusion ?? '',
    'source.actor': run.actor?.login ?? '',
    'waybill.chain_id': chain.id,
    'waybill.plan_id': hash('sha256', runIdentity(run)).slice(0, 32),
  };
  return new Map(Object.entries(values));
}

/** What is wrong with the templates of a value, whatever the run; undefined when each names something of the closed list. */
export function unknownTemplate(value: string): string | undefined {
  if (value.includes('${{')) return 'expressions of GitHub (${{ }}) are not evaluated here: use {{ source.sha }} and its like';
  const unknown = [...value.matchAll(TEMPLATE)].map(([, name = '']) => name.trim()).find((name) => !NAMES.some((known) => known === name));
  if (unknown !== undefined) return `there is no {{ ${unknown.slice(0, 60)} }}: use one of ${NAMES.join(', ')}`;
  const rest = value.replaceAll(TEMPLATE, '');
  return rest.includes('{{') || rest.includes('}}') ? 'a template is not closed, or has braces within: write {{ source.sha }}' : undefined;
}

/** The rendered inputs, or why there are none. One pass: what a value brings in is not looked at again. */
export function renderInputs(
  inputs: Readonly<Record<string, string>>,
  variables: Variables,
  maxInputs: number,
): { readonly inputs?: Readonly<Record<string, string>>; readonly denial?: Denial } {
  const rendered: [string, string][] = [];
  for (const [name, value] of Object.entries(inputs)) {
    const wrong = unknownTemplate(value) ?? emptyVariable(value, variables);
    if (wrong !== undefined) return { denial: { reason: 'inputs_template_invalid', detail: `The input \`${name}\`: ${wrong}.` } };
    rendered.push([name, value.replaceAll(TEMPLATE, (_, key: string) => variables.get(key.trim()) ?? '')]);
  }
  const result = Object.fromEntries(rendered);
  const denial = inputsProblem(result, maxInputs);
  return denial === undefined ? { inputs: result } : { denial };
}

function emptyVariable(value: string, variables: Variables): string | undefined {
  const empty = [...value.matchAll(TEMPLATE)].map(([, name = '']) => name.trim()).find((name) => (variables.get(name) ?? '') === '');
  return empty === undefined ? undefined : `{{ ${empty} }} is empty for this run`;
}

const exceeded = (detail: string): Denial => ({ reason: 'inputs_limit_exceeded', detail });

/** What is wrong with inputs as they would be sent. `maxInputs`: how many the server takes. */
export function inputsProblem(inputs: Readonly<Record<string, string>>, maxInputs: number): Denial | undefined {
  const entries = Object.entries(inputs);
  const controlled = entries.find(([, value]) => CONTROL.test(value));
  if (controlled !== undefined) {
    return {
      reason: 'inputs_template_invalid',
      detail: `The input \`${controlled[0]}\` has a control character or a line break in it: take it out of the value.`,
    };
  }
  if (entries.length > maxInputs)
    return exceeded(`${entries.length} inputs are more than the ${maxInputs} that this GitHub takes: remove some.`);
  const long = entries.find(([, value]) => value.length > MAX_VALUE);
  if (long !== undefined) return exceeded(`The input \`${long[0]}\` is longer than ${MAX_VALUE} characters: shorten it.`);
  return JSON.stringify(inputs).length > MAX_TOTAL
    ? exceeded(`The inputs together are longer than ${MAX_TOTAL} characters: shorten them.`)
    : undefined;
}
