import { existsSync, readFileSync } from 'node:fs';
import { z } from 'zod';

const CALENDARS = ['weekly', 'monthly', 'quarterly'] as const;
const BEGIN = '<!-- results: written by npm run docs from drills/results -->';
const END = '<!-- end of results -->';

const summarySchema = z.object({
  date: z.string(),
  commit: z.string(),
  machine: z.object({ cores: z.number(), memoryGiB: z.number() }),
  drills: z.array(z.object({ drill: z.string(), ok: z.boolean(), tookSeconds: z.number(), findings: z.array(z.string()) })),
});

/** What the last recorded GameDay of each calendar came to. */
function gamedayTable(root: string): string {
  const rows = CALENDARS.flatMap((calendar) => {
    const file = `${root}drills/results/gameday-${calendar}.json`;
    if (!existsSync(file)) return [`| ${calendar} | not recorded yet | | | |`];
    const { date, commit, machine, drills } = summarySchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    const on = `${machine.cores} cores, ${machine.memoryGiB} GiB`;
    return drills.map(({ drill, ok, tookSeconds, findings }) => {
      const came = ok ? 'all invariants held' : `${findings.length} findings`;
      return `| ${calendar} | \`${drill}\` | ${date.slice(0, 10)}, ${commit} | ${on} | ${came}, ${tookSeconds} s |`;
    });
  });
  return ['| calendar | drill | when, commit | on | what came of it |', '| --- | --- | --- | --- | --- |', ...rows].join('\n');
}

/** `docs/runbooks/gameday.md` with the table of the results as they are now. `root` is the repository's folder, with a slash at its end. Throws when the page has no place for it. */
export function gamedayPage(root: string): string {
  const page = readFileSync(`${root}docs/runbooks/gameday.md`, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error('docs/runbooks/gameday.md has no place for results');
  return `${page.slice(0, begin + BEGIN.length)}\n\n${gamedayTable(root)}\n\n${page.slice(end)}`;
}
