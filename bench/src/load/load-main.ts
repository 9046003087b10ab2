import { LoadRun } from './load-run.ts';
import { type LoadReport, loadSettingsSchema } from './messages.ts';

// A process of its own: sends what its first message says, tells how far it is, ends when all is answered.
const PROGRESS_MS = 250;

const tell = (report: LoadReport): void => {
  process.send?.(report);
};

process.once('message', (message) => {
  const load = new LoadRun(loadSettingsSchema.parse(message));
  const progress = setInterval(() => tell({ kind: 'progress', counts: load.counts }), PROGRESS_MS);
  void load.run().then((done) => {
    clearInterval(progress);
    tell(done);
    process.disconnect();
  });
});
process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => process.exit(130));
tell({ kind: 'ready' });
