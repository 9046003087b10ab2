import { startDispatcher } from './start-dispatcher.ts';

await startDispatcher(process.env);
