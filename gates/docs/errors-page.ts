import { ERRORS } from '@waybill/contracts';

/** `docs/errors.md`: every public error, from the table in the code. */
export function errorsPage(): string {
  const rows = Object.entries(ERRORS).map(
    ([code, { status, title, retryable, remedy }]) => `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${title} | ${remedy} |`,
  );
  return [
    '# Errors',
    '',
    'Every error is answered as `application/problem+json` with a stable `code`, a `detail` of this case and a `remedy`.',
    'This page is written from `packages/contracts/src/errors.ts` by `npm run docs`; a test compares the two.',
    '',
    '| code | status | try again? | what happened | what to do |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}
