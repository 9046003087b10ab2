export { seedDemo } from './demo.ts';
export type { Fault } from './faults/faults.ts';
export { GithubFake } from './github-fake.ts';
export type { Delivery } from './hooks/deliveries.ts';
export type { Exchange, FakeApp, FakeOptions, OwnerOptions, RepositoryOptions, RunOptions, WorkflowOptions } from './options.ts';
