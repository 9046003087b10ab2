import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { REPOSITORY } from './stack/local-stack.ts';
import { parseResult, resultTable, withTable } from './table.ts';

// Writes the table of bench/README.md anew from the result files.
const folder = join(REPOSITORY, 'bench/results');
const page = join(REPOSITORY, 'bench/README.md');
const files = readdirSync(folder).filter((file) => file.endsWith('.json'));
const results = files.map((file) => parseResult(file, readFileSync(join(folder, file), 'utf8')));
writeFileSync(page, withTable(readFileSync(page, 'utf8'), resultTable(results)));
console.log(`${files.length} results in ${page}`);
