import type { Command } from 'commander';
import { RUN_COMPLETED_TYPE } from '@waybill/contracts';
import { type Api, ApiError, apiOf } from '../client/api.ts';
import { type DispatchStory, dispatchStorySchema } from '../client/dispatch.ts';
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
      const api = apiOf(options.data, process.env);
      const answer = await api.get(`/v1/events/${encodeURIComponent(id)}`);
      if (options.json === true) return print(JSON.stringify(answer, null, 2));
      const story: EventStory = storySchema.parse(answer);
      const dispatch = story.eventType === RUN_COMPLETED_TYPE ? await dispatchOf(api, story.id) : undefined;
      for (const line of storyLines(story, dispatch)) print(line);
    });
}

/** What was decided about a finished workflow run; undefined while nothing is known of that. */
async function dispatchOf(api: Api, eventId: string): Promise<DispatchStory | undefined> {
  try {
    return dispatchStorySchema.parse(await api.get(`/v1/dispatches/${eventId}`));
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return undefined;
    throw error;
  }
}
