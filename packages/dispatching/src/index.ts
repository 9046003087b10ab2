export { decideAgain, decideRun } from './decide/decide-run.ts';
export type { Denial, RunDecision, TargetDecision } from './decide/decision.ts';
export { pauseFor } from './decide/pause-for.ts';
export type {
  ChainLookup,
  DecidePorts,
  DispatchPolicy,
  Edge,
  FoundFile,
  GithubReads,
  PauseAsked,
  RepositoryFacts,
  RepositoryLookup,
} from './decide/ports.ts';
export type {
  DispatchingFile,
  FileProblem,
  FileReading,
  InboundRule,
  InboundTarget,
  OutboundRule,
  OutboundTarget,
} from './file/dispatching-file.ts';
export { dispatchingJsonSchema, readDispatchingFile } from './file/read-file.ts';
export { readWorkflowRun } from './run/read-workflow-run.ts';
export { type OfflineRepository, offlineReads } from './offline/offline-reads.ts';
