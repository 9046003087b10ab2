import { eventLogConformance } from './event-log.conformance.ts';
import { MemoryStream } from './memory-stream.ts';

eventLogConformance('a stream in memory', async () => {
  const stream = new MemoryStream('LOG_US', () => 1_000);
  return {
    log: stream.events('us', /\.(event\.accepted|event\.refused|plan\.made\..*)$/),
    store: async (subject, body, headers = {}) => stream.store({ subject, body, headers }),
  };
});
