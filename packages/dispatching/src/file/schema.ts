import { z } from 'zod';
import { refProblem } from './refs.ts';

const CONCLUSIONS = [
  'action_required',
  'cancelled',
  'failure',
  'neutral',
  'skipped',
  'stale',
  'startup_failure',
  'success',
  'timed_out',
] as const;

const NAME = '[A-Za-z0-9_.-]{1,100}';
const WORKFLOW_HINT = 'use the base name of a workflow file, as in ci.yml: no folder, no wildcard';

const workflow = z.string({ error: WORKFLOW_HINT }).regex(/^[^/\\\s*@]{1,100}\.ya?ml$/, WORKFLOW_HINT);
const listOf = <T extends z.ZodType>(item: T, what: string) =>
  z
    .array(item, { error: `write a list of ${what}, as in [a, b]` })
    .min(1, 'the list is empty: remove the key, or name one')
    .max(100, 'at most 100 entries');

const conclusions = listOf(z.enum(CONCLUSIONS, { error: `use one of ${CONCLUSIONS.join(', ')}` }), 'conclusions');
const branches = listOf(
  z
    .string({ error: 'a branch is text: quote it' })
    .regex(
      /^[^!\s~^:?[\\\u0000-\u001f\u007f][^\s~^:?[\\\u0000-\u001f\u007f]{0,254}$/,
      'use a branch, or a pattern with * and **: no other wildcards, no !',
    ),
  'branches',
);
const events = listOf(
  z.string({ error: 'an event is text' }).regex(/^[a-z_]{1,50}$/, 'use the name of an event, as in push: no wildcard'),
  'events',
);
const conditions = { conclusions: conclusions.optional(), branches: branches.optional(), events: events.optional() };

const id = z
  .string({ error: 'an id is text: quote it' })
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/, 'use letters, digits, dot, dash and underscore, at most 64');

const inputValue = z.union([z.string(), z.boolean()], {
  error: ({ input }) =>
    typeof input === 'number'
      ? 'quote the number: as a number, 1.10 would become 1.1'
      : typeof input === 'object' && input !== null
        ? 'an input is text or true or false; quote a template, as in "{{ source.sha }}"'
        : 'an input is text or true or false: write "" for an empty one',
});
const inputs = z
  .record(
    z
      .string()
      .regex(
        /^[A-Za-z_][A-Za-z0-9_-]{0,99}$/,
        'the name of an input begins with a letter or _, and has letters, digits, _ and - only, at most 100',
      ),
    inputValue,
    { error: 'write the inputs as a mapping: `name: value`' },
  )
  .refine((given) => Object.keys(given).length <= 25, 'at most 25 inputs');

const outboundRule = z.strictObject({
  id: id.optional(),
  source: z.strictObject({
    workflow: z.union([workflow, listOf(workflow, 'workflow files')], { error: WORKFLOW_HINT }),
    ...conditions,
  }),
  targets: listOf(
    z.strictObject({
      repository: z
        .string({ error: 'name the repository, as in my-repo or owner/my-repo' })
        .regex(new RegExp(`^(?:${NAME}/)?${NAME}$`), 'name one repository, as in my-repo or owner/my-repo: no wildcard here'),
      workflow,
      // What it says is judged target by target, so that one mistake stops no other target.
      ref: z.string({ error: 'a ref is text: quote it' }).max(1_000, 'a ref has at most 255 characters').optional(),
      inputs: inputs.optional(),
      enabled: z.boolean({ error: 'write true or false' }).optional(),
    }),
    'targets',
  ),
});

const inboundRule = z.strictObject({
  source: z.strictObject({
    repository: z
      .string({ error: 'name the repository, as in my-repo, owner/my-repo or owner/prefix-*' })
      .regex(
        new RegExp(`^(?:${NAME}|${NAME}/[A-Za-z0-9_.*-]{1,100})$`),
        'use my-repo, owner/my-repo or owner/prefix-*: a wildcard needs the owner before it, and the owner has none',
      ),
    workflow: z.union([z.literal('*'), workflow, listOf(workflow, 'workflow files')], { error: `${WORKFLOW_HINT}, except "*" for all` }),
    ...conditions,
  }),
  targets: listOf(
    z.strictObject({
      workflow,
      refs: listOf(
        z.string({ error: 'a ref is text: quote it' }).superRefine((ref, context) => {
          const message = refProblem(ref);
          if (message !== undefined) context.addIssue({ code: 'custom', message });
        }),
        'refs',
      ).optional(),
      accept_inputs: z
        .array(z.string({ error: 'an input is named by text' }).max(100), { error: 'write a list of names' })
        .max(100)
        .optional(),
    }),
    'targets',
  ),
});

const rules = <T extends z.ZodType>(rule: T) =>
  z.array(rule, { error: 'write a list of rules, each beginning with a dash' }).max(100, 'at most 100 rules').nullable().optional();

/** The contract of `dispatching.yml`, keys that begin with `x-` taken out before. */
export const fileSchema = z.strictObject({
  version: z.literal(1, { error: 'the only version is 1, without quotes' }).optional(),
  outbound: rules(outboundRule),
  inbound: rules(inboundRule),
});
export type FileText = z.infer<typeof fileSchema>;
