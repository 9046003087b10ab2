import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { link, plain } from './markdown.ts';
import { checkOf, issueOf } from './render.ts';
import { type DispatchFact, foldStory, type Story } from './story.ts';
import { RunFacts } from './testing/facts.ts';

const foldAll = (facts: readonly DispatchFact[]): Story => {
  let story: Story | undefined;
  for (const fact of facts) story = foldStory(story, fact);
  if (story === undefined) throw new Error('no facts');
  return story;
};
const GITHUBS_LIMIT = 65_535;

/** What GitHub would show: entities are characters again. */
const shown = (text: string): string =>
  text.replaceAll(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code))).replaceAll('\u200B', '');

describe('text of others', () => {
  it('does nothing, whatever it holds', () => {
    const nasty = fc.string({
      unit: fc.constantFrom(
        '@',
        '#',
        '|',
        '<',
        '>',
        '`',
        '[',
        ']',
        '(',
        '\n',
        '\r',
        '\u202E',
        '!',
        '&',
        '*',
        '_',
        '\\',
        ':',
        '/',
        'w',
        '.',
        'a',
        '$',
        '~',
      ),
    });
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), nasty), (text) => {
        const escaped = plain(text);
        expect(escaped).not.toMatch(/[|<>`[\]*_\\\n\r:$~!@#](?![0-9]+;)/u);
        expect(escaped.replaceAll(/&#\d+;/g, '')).not.toMatch(/[&@#]/);
        expect(escaped).not.toMatch(/www\./i);
        expect(escaped).not.toMatch(/[\u202E\u0000-\u001F]/);
      }),
    );
  });

  it('is still shown as it is', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', maxLength: 200 }),
        (text) => void expect(shown(plain(text))).toBe(text.replaceAll(/\s+/g, ' ').trim()),
      ),
    );
    expect(plain('my-target-repo cd.yml')).toBe('my-target-repo cd.yml');
  });

  it('mentions nobody and refers to nothing, even after rendering', () => {
    expect(plain('@octocat')).toBe('&#64;&#8203;octocat');
    expect(plain('acme/web#12')).toBe('acme/web&#35;&#8203;12');
  });

  it('is cut off', () => {
    expect(plain('x'.repeat(10_000)).length).toBeLessThan(500);
  });

  it.each([
    ['script', 'javascript:alert(1)'],
    ['data', 'data:text/html,x'],
    ['what is no address', 'not a url'],
    ['credentials', 'https://user:pw@github.com/'],
    ['excessive length', `https://github.com/${'x'.repeat(3_000)}`],
  ])('makes no link of %s', (_what, url) => {
    expect(link('run', url)).toBe('run');
  });

  it('cannot end a link', () => {
    expect(link('a](x)', 'https://github.com/a)b|c<d>"e')).toBe('[a&#93;(x)](https://github.com/a%29b%7Cc%3Cd%3E%22e)');
  });
});

describe('the check run', () => {
  it('names run, targets, results, reasons and what to do', () => {
    const run = new RunFacts(4, [{}, { repo: 'other', denied: 'inbound_not_authorized', detail: 'no rule' }, { repo: 'third' }]);
    const facts = [run.decidedFact(), run.started(0), run.ended(0, 'failure'), run.failed(2)];
    const check = checkOf(foldAll(facts));
    expect(check).toMatchObject({
      name: 'Waybill',
      externalId: 'evt_4',
      headSha: '4'.padStart(40, '0'),
      status: 'completed',
      conclusion: 'failure',
      title: '1 started, 1 denied, 1 failed',
    });
    const lines = check?.summary.split('\n') ?? [];
    expect(lines.find((line) => line.includes('my-target-repo'))).toBe(
      '| acme/my-target-repo cd.yml | main | started: [run 400](https://github.com/acme/t/actions/runs/9), ended with failure |  |',
    );
    expect(lines.find((line) => line.includes('/other'))).toContain('| denied | `inbound_not_authorized`: no rule |');
    expect(lines.find((line) => line.includes('/third'))).toContain('| failed | `ref_not_found`: No ref found for&#58; main |');
    expect(check?.summary).toContain('No inbound rule of the target lets this source start this workflow.');
    expect(check?.summary).toContain('[ci.yml, run 4](https://github.com/acme/my-source-repo/actions/runs/4) on main, ended with success.');
  });

  it('is in progress while a target is open', () => {
    const check = checkOf(foldAll([new RunFacts(1, [{}, {}]).decidedFact()]));
    expect(check).toMatchObject({ status: 'in_progress', title: '2 waiting' });
    expect(check).not.toHaveProperty('conclusion');
  });

  it('names the problems of a file that cannot be used', () => {
    const skip = { reason: 'source_config_invalid', detail: 'outbound[0].source: unknown key "taregts"\nline 3: <b>@team</b>' } as const;
    const check = checkOf(foldAll([new RunFacts(1, [], { skip, warnings: ['config_shadowed'] }).decidedFact()]));
    expect(check).toMatchObject({ status: 'completed', conclusion: 'failure', title: 'dispatching.yml cannot be used' });
    expect(check?.summary).toContain('- outbound&#91;0&#93;.source&#58; unknown key "taregts"');
    expect(check?.summary).not.toMatch(/<b>|@team/);
    expect(check?.summary).toContain('`.github/dispatching.yml`');
  });

  it('stays below the limit of GitHub with the worst of targets, and says what it leaves out', () => {
    const wish = {
      repo: '\u{1F4A3}'.repeat(100),
      denied: 'inputs_not_accepted',
      detail: '@\u{1F4A3}|'.repeat(300),
      ref: '|'.repeat(255),
    } as const;
    const warnings = Array.from({ length: 200 }, () => '<'.repeat(1_000));
    const story = foldAll([
      new RunFacts(
        1,
        Array.from({ length: 100 }, () => wish),
        { warnings },
      ).decidedFact(),
    ]);
    for (const text of [checkOf(story)?.summary ?? '', issueOf(story)?.body ?? '']) {
      expect(Buffer.byteLength(text)).toBeLessThan(GITHUBS_LIMIT);
      expect(text).toMatch(/\d+ more targets are left out: \d+ denied\./);
      expect(text).toMatch(/- and \d+ more/);
    }
  });
});

describe('the issue', () => {
  it('is the one of its workflow, by a marker that no name can break', () => {
    const run = new RunFacts(1, [{ denied: 'cycle_detected' }], {}, { workflow: 'a--><script> @x.yml' });
    const issue = issueOf(foldAll([run.decidedFact()]));
    expect(issue).toMatchObject({ state: 'open', marker: '<!-- waybill:github.com/1/a--%3E%3Cscript%3E%20%40x.yml -->' });
    expect(issue?.body.split('\n')[0]).toBe(issue?.marker);
    expect(issue?.body).not.toMatch(/<script|@x/);
    expect(issue?.title).not.toMatch(/[<>@]/);
  });

  it('is closed by a run whose targets all started, and asked for by no other', () => {
    const run = new RunFacts(1, [{}]);
    expect(issueOf(foldAll([run.decidedFact()]))).toBeUndefined();
    expect(issueOf(foldAll([run.decidedFact(), run.started(0)]))).toMatchObject({ state: 'closed' });
  });
});
