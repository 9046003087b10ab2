import { describe, expect, it } from 'vitest';
import { ruleLines, rulesAbout, sectionLine, targetLines } from './rule-lines.ts';

const FILE = `# where our runs go
outbound:
  - id: release-train
    source:
      workflow: [ci.yml, nightly.yaml]
    targets:
      - repository: acme/api        # the API
        workflow: cd.yml

      - repository: web
        workflow: cd.yml
        inputs: { sha: "{{ source.sha }}" }
  # the second rule
  - source: { workflow: lint.yml }
    targets:
    - { repository: docs, workflow: publish.yml }

inbound:
- source:
    repository: "acme/web-*"
    workflow: "*"
  targets:
  - workflow: cd.yml
- targets: [{ workflow: cd.yml }]
  source: { repository: other, workflow: ci.yml }
`;

describe('the lines of a rule', () => {
  it.each([
    ['release-train', 'outbound', { from: 3, to: 12 }],
    ['outbound[0]', 'outbound', { from: 3, to: 12 }],
    ['outbound[1]', 'outbound', { from: 14, to: 16 }],
    ['inbound[0]', 'inbound', { from: 19, to: 23 }],
    ['inbound[1]', 'inbound', { from: 24, to: 25 }],
    ['outbound[2]', 'outbound', undefined],
    ['nightly', 'outbound', undefined],
  ] as const)('%s', (name, section, lines) => {
    expect(ruleLines(FILE, section, name)).toEqual(lines);
  });

  it('are the line itself when the list stands in one', () => {
    expect(ruleLines('inbound: [{ source: { repository: a }, targets: [] }]', 'inbound', 'inbound[0]')).toEqual({ from: 1, to: 1 });
  });

  it('are none in a file without the section', () => {
    expect(ruleLines('outbound:\n', 'inbound', 'inbound[0]')).toBeUndefined();
    expect(sectionLine('outbound:\n', 'inbound')).toBeUndefined();
    expect(sectionLine(FILE, 'inbound')).toEqual({ from: 18, to: 18 });
  });

  it('end before what follows the list', () => {
    expect(ruleLines('inbound:\n  - a: 1\nx-note: 1\n', 'inbound', 'inbound[0]')).toEqual({ from: 2, to: 2 });
    expect(ruleLines('inbound:\n- a: 1\nx-note: 1\n', 'inbound', 'inbound[0]')).toEqual({ from: 2, to: 2 });
  });
});

describe('the lines of a target', () => {
  it.each([
    [{ from: 3, to: 12 }, ['api', 'acme/api'], { from: 7, to: 8 }],
    [{ from: 3, to: 12 }, ['web', 'acme/web'], { from: 10, to: 12 }],
    [{ from: 14, to: 16 }, ['docs'], { from: 16, to: 16 }],
    [{ from: 14, to: 16 }, ['nothing'], { from: 14, to: 16 }],
  ])('%o %o', (rule, names, lines) => {
    expect(targetLines(FILE, rule, [names])).toEqual(lines);
  });
});

describe('rules about a source', () => {
  it.each([
    ['acme/web-shop', 'ci.yml', [{ from: 19, to: 23 }]],
    ['acme/other', 'ci.yml', [{ from: 24, to: 25 }]],
    ['acme/webshop', 'ci.yml', []],
    ['acme/other', 'nightly.yml', []],
  ])('%s %s', (repository, workflow, lines) => {
    expect(rulesAbout(FILE, 'inbound', [[repository, repository.replace('acme/', '')], [workflow, '*'], ['cd.yml']])).toEqual(lines);
  });
});
