import { startPlanner } from './start-planner.ts';

await startPlanner(process.env);
