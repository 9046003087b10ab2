import { type Case, DECIDED, MATRIX, type Proof, REGRESSIONS } from './conformance-cases.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|');

function proofText(number: number, { file, title }: Proof): string {
  const name = file.slice(file.lastIndexOf('/') + 1);
  return `[${name}](../${file}): ${file === DECIDED.file && title === DECIDED.title ? `row ${number}` : `“${title}”`}`;
}

const tableOf = (cases: readonly Case[], what: string): string[] => [
  `| # | ${what} | what comes of it | shown by |`,
  '| --- | --- | --- | --- |',
  ...cases.map(
    ([number, change, result, ...proofs]) =>
      `| ${number} | ${cell(change)} | ${cell(result)} | ${cell(proofs.map((proof) => proofText(number, proof)).join('<br>'))} |`,
  ),
  '',
];

/** `docs/github-conformance.md`: what each case of the decision matrix and each known defect of the predecessor leads to, and the tests that show it. */
export function conformancePage(): string {
  return [
    '# What is tested of workflow dispatches',
    '',
    'Each case names the tests that show it. This page is written from `gates/docs/conformance-cases.ts` by `npm run docs`; a test compares the two, and fails',
    'when a test that is named here is gone.',
    '',
    '## Decisions',
    '',
    'S is `acme/my-source-repo`, T is `acme/my-target-repo`; the default branch of both is `main`, and both consent. A run of `ci.yml` in S has ended well after',
    'a push to `main`. Each case changes one thing about that.',
    '',
    ...tableOf(MATRIX, 'what is changed'),
    '## What went wrong before',
    '',
    ...tableOf(REGRESSIONS, 'then'),
  ].join('\n');
}
