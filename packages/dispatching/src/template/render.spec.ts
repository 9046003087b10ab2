import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runOf } from '../testing/world.fixture.ts';
import { renderInputs, variablesOf } from './render.ts';

const chain = { id: 'chain-1', depth: 0, ancestors: [] };
const variables = variablesOf(runOf(), chain);
const render = (value: string): string | undefined => {
  const rendered = renderInputs({ given: value }, variables, 25);
  return rendered.inputs?.['given'] ?? rendered.denial?.reason;
};

describe('templates', () => {
  it.each([
    ['source.sha', '0123456789abcdef0123456789abcdef01234567'],
    ['source.short_sha', '0123456'],
    ['source.head_branch', 'main'],
    ['source.run_id', '123456789012345678901'],
    ['source.run_number', '42'],
    ['source.run_attempt', '1'],
    ['source.run_url', 'https://github.com/acme/my-source-repo/actions/runs/1'],
    ['source.repo', 'my-source-repo'],
    ['source.owner', 'acme'],
    ['source.workflow', 'ci.yml'],
    ['source.event', 'push'],
    ['source.conclusion', 'success'],
    ['source.actor', 'ada'],
    ['waybill.chain_id', 'chain-1'],
  ])('knows %s', (name, value) => {
    expect(render(`{{ ${name} }}`)).toBe(value);
    expect(render(`a-{{${name}}}-{{ ${name} }}`)).toBe(`a-${value}-${value}`);
  });

  it('knows the plan, which follows from the run alone', () => {
    expect(render('{{ waybill.plan_id }}')).toMatch(/^[0-9a-f]{32}$/);
    expect(variablesOf(runOf(), { ...chain, id: 'other' }).get('waybill.plan_id')).toBe(render('{{ waybill.plan_id }}'));
  });

  it('leaves all else as it is', () => {
    expect(render('a { b } $c \\d $& $1')).toBe('a { b } $c \\d $& $1');
    expect(render('')).toBe('');
  });

  it.each([
    '{{ constructor }}',
    '{{ __proto__ }}',
    '{{ toString }}',
    '{{ source }}',
    '{{ source.__proto__ }}',
    '{{ source.constructor }}',
    '{{ source.sha.length }}',
    '{{ source["sha"] }}',
    '{{ source.sha | upper }}',
    '{{ source.SHA }}',
    '{{ source.title }}',
    '{{ process.env.HOME }}',
    '{{ secrets.TOKEN }}',
    '{{ 1 + 1 }}',
    '{{}}',
    '{{ }}',
    '{{ source.sha',
    'source.sha }}',
    '{{ {{ source.sha }} }}',
    '{{ source.{{ source.event }} }}',
    '${{ source.sha }}',
    '${{ github.token }}',
  ])('refuses %s', (value) => {
    expect(render(value)).toBe('inputs_template_invalid');
  });

  it('does not look again at what a value brings in', () => {
    const evil = variablesOf({ ...runOf(), headBranch: '{{source.sha}}-${{github.token}}-$&' }, chain);
    expect(renderInputs({ given: '{{ source.head_branch }}' }, evil, 25)).toEqual({
      inputs: { given: '{{source.sha}}-${{github.token}}-$&' },
    });
  });

  it('renders nothing but text and values of the list', () => {
    const part = fc.oneof(
      fc.string({ unit: fc.constantFrom('{', '}', ' ', '$', '.', 'a', 'source', 'sha', '__proto__') }),
      fc.constantFrom('{{ source.sha }}', '{{source.event}}'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const value = parts.join('');
        const rendered = render(value);
        const known = value
          .replaceAll(/\{\{ *source\.sha *\}\}/g, variables.get('source.sha') ?? '')
          .replaceAll(/\{\{ *source\.event *\}\}/g, 'push');
        expect([known, 'inputs_template_invalid', 'inputs_limit_exceeded']).toContain(rendered);
      }),
    );
  });
});

describe('limits of inputs', () => {
  it.each(['\u0000', '\n', '\r', '\t', '\u001b', '\u007f', '\u0085', '\u2028'])('refuse the character %j', (character) => {
    expect(render(`a${character}b`)).toBe('inputs_template_invalid');
  });

  it('count all of them together', () => {
    const inputs = Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`i${at}`, '\uD800'.repeat(1_000)]));
    expect(renderInputs(inputs, variables, 25)).toMatchObject({ denial: { reason: 'inputs_limit_exceeded' } });
  });
});
