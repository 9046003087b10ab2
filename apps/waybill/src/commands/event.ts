import type { Command } from 'commander';
import { apiOf } from '../client/api.ts';
import { type EventStory, storyLines, storySchema } from '../client/story.ts';
import { print } from '../terminal/print.ts';
import { dataOption } from './options.ts';

/** `waybill event <id>`: the whole story of one event. */
export function eventCommand(program: Command): void {
  program
    .command('event')
    .description('tell the whole story of one event: accepted, planned, every attempt, its end')
    .argument('<id>', 'event id, as "waybill send" prints it')
    .addOption(dataOption())
    .option('--json', 'print the API answer as it is')
    .action(async (id: string, options: { data: string; json?: boolean }) => {
      const answer = await apiOf(options.data, process.env).get(`/v1/events/${encodeURIComponent(id)}`);
      if (options.json === true) return print(JSON.stringify(answer, null, 2));
      const story: EventStory = storySchema.parse(answer);
      for (const line of storyLines(story)) print(line);
    });
}
