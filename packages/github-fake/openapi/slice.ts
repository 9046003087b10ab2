/**
 * Cuts what the fake serves out of GitHub's OpenAPI description: `node slice.ts api.github.com.json > github.com.jsonl`, with the file
 * from `npm pack @octokit/openapi`; a second argument keeps only the operations that hold it. Changes that GitHub tags with VERSION are applied; texts are dropped; OpenAPI 3.0 becomes JSON
 * Schema. One line for each operation, webhook and schema.
 */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

type Json = z.infer<ReturnType<typeof z.json>>;
type Fields = Record<string, Json>;

const VERSION = '2026-03-10';
/** Spelled as GitHub spells them. */
const OPERATIONS = [
  'GET /app',
  'GET /app/installations',
  'GET /app/installations/{installation_id}',
  'POST /app/installations/{installation_id}/access_tokens',
  'GET /app/hook/config',
  'PATCH /app/hook/config',
  'GET /app/hook/deliveries',
  'GET /app/hook/deliveries/{delivery_id}',
  'POST /app/hook/deliveries/{delivery_id}/attempts',
  'GET /installation/repositories',
  'GET /repos/{owner}/{repo}',
  'GET /repos/{owner}/{repo}/installation',
  'GET /repos/{owner}/{repo}/contents/{path}',
  'GET /repos/{owner}/{repo}/actions/workflows',
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}',
  'POST /repos/{owner}/{repo}/actions/workflows/{workflow_id}/dispatches',
  'GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs',
  'GET /repos/{owner}/{repo}/actions/runs',
  'GET /repos/{owner}/{repo}/actions/runs/{run_id}',
  'POST /repos/{owner}/{repo}/check-runs',
  'GET /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'PATCH /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'GET /repos/{owner}/{repo}/commits/{ref}/check-runs',
  'GET /repos/{owner}/{repo}/issues',
  'POST /repos/{owner}/{repo}/issues',
  'GET /repos/{owner}/{repo}/issues/{issue_number}',
  'PATCH /repos/{owner}/{repo}/issues/{issue_number}',
  'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'POST /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'GET /rate_limit',
  'GET /meta',
];
const WEBHOOK = 'workflow-run-completed';
const TEXTS = new Set([
  'description',
  'example',
  'examples',
  'title',
  'externalDocs',
  'deprecated',
  'default',
  'nullable',
  'discriminator',
]);

const file = z.record(z.string(), z.json()).parse(JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')));
const schemas = new Map<string, Json>();

// The list says of an account that it is a user and an enterprise, a single installation that it is either. `created` takes ranges.
jsonPatch(file, {
  op: 'replace',
  path: '/paths/~1app~1installations/get/responses/200/content/application~1json/schema/items',
  value: { $ref: '#/components/schemas/installation' },
});
jsonPatch(file, { op: 'remove', path: '/components/parameters/created/schema/format' });

write({ version: at(file, ['info', 'version']) });
const [, , , only] = process.argv;
for (const name of OPERATIONS.filter((one) => only === undefined || one.includes(only))) {
  write({ operation: name, ...operation(name) });
}
if (only === undefined) {
  write({ webhook: WEBHOOK, body: contentOf(resolved(at(file, ['x-webhooks', WEBHOOK, 'post', 'requestBody']))) });
}
for (const [name, schema] of schemas) {
  write({ schema: name, is: schema });
}

function write(line: Fields): void {
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function operation(name: string): Fields {
  const [method = '', path = ''] = name.split(' ');
  const item = fields(at(file, ['paths', path]));
  const found = changed(fields(item[method.toLowerCase()]));
  const parameters = [...list(item['parameters']), ...list(found['parameters'])].map((one) => resolved(one));
  const query = parameters.filter((one) => one['in'] === 'query').map((one) => [textOf(one['name']), schemaOf(one['schema'])] as const);
  const responses = Object.entries(fields(found['responses'])).map(
    ([status, response]) => [status, contentOf(resolved(response))] as const,
  );
  return { query: Object.fromEntries(query), body: contentOf(resolved(found['requestBody'])), responses: Object.fromEntries(responses) };
}

/** The schema of what a request or response holds as JSON; null: nothing. */
function contentOf(holder: Fields): Json {
  const content = fields(fields(holder['content'])['application/json']);
  return content['schema'] === undefined ? null : schemaOf(content['schema']);
}

/** A schema without texts; what it refers to is kept under its name. */
function schemaOf(value: Json | undefined): Json {
  const source = fields(value);
  if (source['$ref'] !== undefined) {
    const name = textOf(source['$ref']).split('/').at(-1) ?? '';
    if (!schemas.has(name)) {
      schemas.set(name, null);
      schemas.set(name, schemaOf(changed(resolved(source))));
    }
    return { $ref: `github#/schemas/${name}` };
  }
  const kept = Object.entries(source).filter(([key]) => !TEXTS.has(key) && !key.startsWith('x-'));
  return nullable(source, Object.fromEntries(kept.map(([key, one]) => [key, partOf(key, one)])));
}

function partOf(key: string, value: Json): Json {
  if (key === 'properties') {
    return Object.fromEntries(Object.entries(fields(value)).map(([name, schema]) => [name, schemaOf(schema)]));
  }
  if (Array.isArray(value)) {
    return value.map((one) => (isFields(one) ? schemaOf(one) : one));
  }
  return isFields(value) ? schemaOf(value) : value;
}

function nullable(source: Fields, schema: Fields): Json {
  const { type, enum: values } = schema;
  if (source['nullable'] !== true) {
    return schema;
  }
  if (type === undefined) {
    return { anyOf: [schema, { type: 'null' }] };
  }
  return { ...schema, type: [type, 'null'], ...(values === undefined ? {} : { enum: [...new Set([...list(values), null])] }) };
}

function resolved(value: Json | undefined): Fields {
  const source = fields(value);
  return source['$ref'] === undefined ? source : fields(at(file, textOf(source['$ref']).slice(2).split('/')));
}

/** The value with GitHub's changes of VERSION applied: each is a JSON Patch or a merge patch. */
function changed(value: Fields): Fields {
  const changes = list(value['x-github-breaking-changes']).map((change) => fields(change));
  let result: Json = structuredClone(value);
  for (const { version, patch = null } of changes) {
    if (version === VERSION && Array.isArray(patch)) {
      for (const step of patch) {
        jsonPatch(result, fields(step));
      }
    } else if (version === VERSION) {
      result = merged(result, patch);
    }
  }
  return fields(result);
}

function jsonPatch(value: Json, { op, path, value: wanted = null }: Fields): void {
  const keys = textOf(path).slice(1).split('/');
  const key = unescaped(keys.at(-1) ?? '');
  const parent = at(value, keys.slice(0, -1));
  if (Array.isArray(parent)) {
    parent.splice(Number(key), 1);
  } else if (op === 'remove') {
    delete fields(parent)[key];
  } else {
    fields(parent)[key] = wanted;
  }
}

function merged(value: Json | undefined, patch: Json): Json {
  if (!isFields(patch)) {
    return patch;
  }
  const result = { ...fields(value) };
  for (const [key, change] of Object.entries(patch)) {
    if (change === null) {
      delete result[key];
    } else {
      result[key] = merged(result[key], change);
    }
  }
  return result;
}

function at(value: Json, keys: readonly string[]): Json {
  let inner: Json = value;
  for (const key of keys) {
    inner = Array.isArray(inner) ? (inner[Number(key)] ?? null) : (fields(inner)[unescaped(key)] ?? null);
  }
  return inner;
}

function unescaped(key: string): string {
  return key.replaceAll('~1', '/').replaceAll('~0', '~');
}

function isFields(value: Json | undefined): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fields(value: Json | undefined): Fields {
  return isFields(value) ? value : {};
}

function list(value: Json | undefined): Json[] {
  return Array.isArray(value) ? value : [];
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
