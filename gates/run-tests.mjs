import './require-node.mjs';

const { runTests } = await import('./runner/run-tests.ts');
process.exitCode = await runTests(process.cwd());
