import './require-node.mjs';

const { check } = await import('./runner/check.ts');
process.exitCode = await check(process.cwd(), process.argv.slice(2));
