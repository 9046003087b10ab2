import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { FileProblem } from './dispatching-file.ts';
import { dispatchingJsonSchema, readDispatchingFile } from './read-file.ts';
import { refProblem } from './refs.ts';

const EXAMPLE = `version: 1
outbound:
  - id: release-train
    source:
      workflow: [ci.yml, nightly.yaml]
      conclusions: [success, failure]
      branches: [main, "release/*", "feature/**"]
      events: [push]
    targets:
      - repository: beta/my-target-repo
        workflow: cd.yml
        ref: release
        inputs: { sha: "{{ source.sha }}", dry-run: true, x-ray: "1" }
        enabled: false
        x-owner: team a
  - source: { workflow: ci.yml }
    targets: [{ repository: other, workflow: cd.yml }]
inbound:
  - source: { repository: acme/web-*, workflow: "*" }
    targets: [{ workflow: cd.yml, refs: [main, release], accept_inputs: [sha] }]
x-anything: { any: [thing] }
`;

const problemsOf = (text: string): readonly FileProblem[] => {
  const reading = readDispatchingFile(text);
  return reading.kind === 'invalid' ? reading.problems : [];
};
/** A file with one thing in place of the same thing of the example. */
const changed = (from: string, to: string): string => {
  expect(EXAMPLE).toContain(from);
  return EXAMPLE.replace(from, to);
};

describe('readDispatchingFile', () => {
  it('reads what is there, and leaves out what is not', () => {
    const reading = readDispatchingFile(EXAMPLE);
    expect(reading).toEqual({
      kind: 'valid',
      file: {
        outbound: [
          {
            name: 'release-train',
            source: {
              workflows: ['ci.yml', 'nightly.yaml'],
              conclusions: ['success', 'failure'],
              branches: ['main', 'release/*', 'feature/**'],
              events: ['push'],
            },
            targets: [
              {
                owner: 'beta',
                repo: 'my-target-repo',
                workflow: 'cd.yml',
                ref: 'release',
                inputs: { sha: '{{ source.sha }}', 'dry-run': 'true', 'x-ray': '1' },
                enabled: false,
              },
            ],
          },
          {
            name: 'outbound[1]',
            source: { workflows: ['ci.yml'] },
            targets: [{ repo: 'other', workflow: 'cd.yml', inputs: {}, enabled: true }],
          },
        ],
        inbound: [
          {
            name: 'inbound[0]',
            source: { owner: 'acme', repo: 'web-*', workflows: ['*'] },
            targets: [{ workflow: 'cd.yml', refs: ['main', 'release'], acceptInputs: ['sha'] }],
          },
        ],
      },
    });
  });

  it.each(['', '# nothing', '---\n', '{}', 'outbound:\n', 'inbound: []', '\uFEFFversion: 1\r\noutbound:\r\n'])(
    '%j has no rules',
    (text) => {
      expect(readDispatchingFile(text)).toEqual({ kind: 'valid', file: { outbound: [], inbound: [] } });
    },
  );

  it.each<[from: string, to: string, where: string, message: RegExp]>([
    ['version: 1', 'version: 2', 'version in line 1', /only version is 1/],
    ['version: 1', 'version: "1"', 'version in line 1', /without quotes/],
    ['x-anything', 'taregts', 'taregts in line 21', /not known/],
    ['id: release-train', 'id: 5', 'outbound[0].id in line 3', /quote it/],
    ['id: release-train', 'ids: a', 'outbound[0].ids in line 3', /not known/],
    ['nightly.yaml', '.github/workflows/a.yml', 'outbound[0].source.workflow[1] in line 5', /base name/],
    ['nightly.yaml', '"*"', 'outbound[0].source.workflow[1] in line 5', /base name/],
    ['[ci.yml, nightly.yaml]', '"*.yml"', 'outbound[0].source.workflow in line 5', /no wildcard/],
    ['[success, failure]', '[sucess]', 'outbound[0].source.conclusions[0] in line 6', /use one of/],
    ['[success, failure]', 'success', 'outbound[0].source.conclusions in line 6', /list of conclusions/],
    ['"feature/**"', '"!main"', 'outbound[0].source.branches[2] in line 7', /no !/],
    ['"feature/**"', '"v?"', 'outbound[0].source.branches[2] in line 7', /no other wildcards/],
    ['events: [push]', 'events: ["*"]', 'outbound[0].source.events[0] in line 8', /no wildcard/],
    ['events: [push]', 'events: []', 'outbound[0].source.events in line 8', /empty/],
    ['beta/my-target-repo', 'beta/*', 'outbound[0].targets[0].repository in line 10', /no wildcard/],
    ['beta/my-target-repo', 'https://github.com/a/b', 'outbound[0].targets[0].repository in line 10', /owner\/my-repo/],
    ['ref: release', 'ref: 1', 'outbound[0].targets[0].ref in line 12', /quote it/],
    ['dry-run: true', 'dry-run: 1.10', 'outbound[0].targets[0].inputs.dry-run in line 13', /1\.10 would become 1\.1/],
    ['dry-run: true', 'dry-run:', 'outbound[0].targets[0].inputs.dry-run in line 13', /write ""/],
    ['dry-run: true', 'dry-run: { a: b }', 'outbound[0].targets[0].inputs.dry-run in line 13', /quote a template/],
    ['dry-run: true', '1a: b', 'outbound[0].targets[0].inputs.1a in line 13', /begins with a letter/],
    ['dry-run: true', '__proto__: a', ' in line 13', /__proto__/],
    ['dry-run: true', '"\\x5f_proto__": a', ' in line 13', /__proto__/],
    ['dry-run: true', 'sha: a', ' in line 13', /stands twice/],
    ['dry-run: true', '[a]: a', ' in line 13', /key must be plain text/],
    ['{ sha: "{{ source.sha }}", dry-run: true, x-ray: "1" }', '[sha]', 'outbound[0].targets[0].inputs in line 13', /mapping/],
    ['"{{ source.sha }}"', '{{ source.sha }}', ' in line 13', /quote the template/],
    ['enabled: false', 'enabled: no', 'outbound[0].targets[0].enabled in line 14', /true or false/],
    ['acme/web-*', '"*/*"', 'inbound[0].source.repository in line 19', /the owner has none/],
    ['acme/web-*', 'web-*', 'inbound[0].source.repository in line 19', /needs the owner/],
    ['workflow: "*"', 'workflow: "ci-*.yml"', 'inbound[0].source.workflow in line 19', /no wildcard/],
    ['refs: [main', 'refs: ["rel/*"', 'inbound[0].targets[0].refs[0] in line 20', /check-ref-format/],
    ['[sha] }', 'sha }', 'inbound[0].targets[0].accept_inputs in line 20', /list of names/],
    ['targets: [{ repository: other, workflow: cd.yml }]', 'x-targets: 1', 'outbound[1].targets in line 16', /list of targets/],
    [
      '{ repository: other, workflow: cd.yml }',
      '{ workflow: cd.yml }',
      'outbound[1].targets[0].repository in line 17',
      /name the repository/,
    ],
  ])('refuses %s as %s', (from, to, where, message) => {
    const found = problemsOf(changed(from, to));
    expect(found.map(({ path, line }) => `${path} in line ${line}`)).toEqual([where]);
    expect(found[0]?.message).toMatch(message);
  });

  it.each<[string, string, RegExp]>([
    [
      '101 rules',
      `outbound:\n${'- source: { workflow: a.yml }\n  targets: [{ repository: a, workflow: a.yml }]\n'.repeat(101)}`,
      /100 rules/,
    ],
    [
      '101 targets of a rule',
      `outbound:\n- source: { workflow: a.yml }\n  targets:\n${'  - { repository: a, workflow: a.yml }\n'.repeat(101)}`,
      /100 entries/,
    ],
    [
      '26 inputs',
      `outbound:\n- source: { workflow: a.yml }\n  targets: [{ repository: a, workflow: a.yml, inputs: { ${Array.from({ length: 26 }, (_, at) => `i${at}: a`).join(', ')} } }]`,
      /25 inputs/,
    ],
    [
      'the same id twice',
      `outbound:\n${'- id: a\n  source: { workflow: a.yml }\n  targets: [{ repository: a, workflow: a.yml }]\n'.repeat(2)}`,
      /has this id/,
    ],
    ['text', 'hello', /expected object/],
    ['a list', '- a', /expected object/],
  ])('refuses %s', (_, text, message) => {
    expect(problemsOf(text).map((problem) => problem.message)).toEqual([expect.stringMatching(message)]);
  });

  it('warns of targets that nothing can start', () => {
    const reading = readDispatchingFile(
      changed('ref: release', 'ref: a..b')
        .replace('source.sha', 'source.nope')
        .replace('"1"', `"${'x'.repeat(1_025)}"`),
    );
    expect(reading).toMatchObject({
      kind: 'valid',
      warnings: [
        { path: 'outbound[0].targets[0].ref', line: 12, message: expect.stringContaining('check-ref-format') },
        { path: 'outbound[0].targets[0].inputs.sha', line: 13, message: expect.stringContaining('source.nope') },
        { path: 'outbound[0].targets[0].inputs.x-ray', line: 13, message: expect.stringContaining('1024') },
      ],
    });
  });

  it('tells of many mistakes, not of all', () => {
    expect(problemsOf(Array.from({ length: 100 }, (_, at) => `k${at}: 1`).join('\n'))).toHaveLength(20);
  });

  it('never throws, and what is valid keeps its rules', () => {
    const piece = fc.constantFrom(...EXAMPLE.split(/(?<=[\n ,:])/), '- ', '\n', '"', '{', '}', '[', ']', ': ', '&', '\u0000', '\uD800');
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 60 }), (pieces) => ['valid', 'invalid'].includes(readDispatchingFile(pieces.join('')).kind)),
    );
    fc.assert(fc.property(fc.string({ unit: 'binary' }), (text) => ['valid', 'invalid'].includes(readDispatchingFile(text).kind)));
  });
});

describe('refs', () => {
  it.each(['main', 'release/1.2', 'v1', 'a-b_c', 'refs/heads/main', 'ümlaut', 'a'.repeat(255), '0123456789abcdef', 'a@b'])(
    '%s can be one',
    (ref) => {
      expect(refProblem(ref)).toBeUndefined();
    },
  );

  it.each([
    '',
    ' ',
    'a b',
    'a..b',
    '.a',
    'a/.b',
    'a.',
    'a/',
    '/a',
    'a//b',
    'a.lock',
    'a.lock/b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    '@',
    'a@{1}',
    '-a',
    'a\u0007',
    'a\u007f',
    'a'.repeat(256),
    '0'.repeat(40),
    'A'.repeat(40),
    '0'.repeat(64),
  ])('%j can be none', (ref) => {
    expect(refProblem(ref)).toEqual(expect.any(String));
  });
});

describe('the JSON Schema', () => {
  it('is committed as the code has it: run npm run docs', () => {
    const committed: unknown = JSON.parse(readFileSync(new URL('../../dispatching.schema.json', import.meta.url), 'utf8'));
    expect(committed).toEqual(dispatchingJsonSchema());
  });

  it('lets notes stand everywhere but among inputs, and nothing else that is unknown', () => {
    const closed = JSON.stringify(dispatchingJsonSchema()).match(/"additionalProperties":false,"patternProperties":\{"\^x-":\{\}\}/g);
    expect(closed).toHaveLength(7);
    expect(dispatchingJsonSchema()).toMatchObject({ $schema: 'http://json-schema.org/draft-07/schema#', type: 'object' });
  });
});
