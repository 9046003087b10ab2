import { DISPATCH_FAILURE_TEXTS, type ReasonText, RUN_SKIP_TEXTS, TARGET_DENIAL_TEXTS } from '@waybill/contracts';

const tableOf = (texts: Readonly<Record<string, ReasonText>>): string[] => [
  '| reason | what it means | what to do |',
  '| --- | --- | --- |',
  ...Object.entries(texts).map(([reason, { meaning, remedy }]) => `| \`${reason}\` | ${meaning} | ${remedy} |`),
  '',
];

/** `docs/dispatch-reasons.md`: every reason a dispatch can be refused for, from the tables in the code. */
export function reasonsPage(): string {
  return [
    '# Reasons of workflow dispatches',
    '',
    'Each finished run and each of its targets has one end, and each end that is not a started run has one of these reasons. They stand in the check run,',
    'in `GET /v1/dispatches/{eventId}` and in the facts. This page is written from `packages/contracts/src/dispatch/reason-texts.ts` by `npm run docs`; a',
    'test compares the two.',
    '',
    '## A run leads to nothing',
    '',
    ...tableOf(RUN_SKIP_TEXTS),
    '## A target is denied',
    '',
    ...tableOf(TARGET_DENIAL_TEXTS),
    '## A dispatch fails',
    '',
    ...tableOf(DISPATCH_FAILURE_TEXTS),
    '## Not known yet',
    '',
    '`outcome_unknown` is no end: GitHub gave no clear answer, so the runs of the target are listed until one is found, or until it is certain enough that',
    'none was started. The call is never repeated blindly.',
    '',
  ].join('\n');
}
