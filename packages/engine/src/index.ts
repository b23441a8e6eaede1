export * from './application.ts'
export * from './caller.ts'
export type { AssignMany, BulkAnswer, BulkResult } from './commands/assignMany.ts'
export type { CommandAnswer } from './commands/commandAnswer.ts'
export { ensureDefaultCatalog } from './commands/defaultCatalog.ts'
export type { OutsideCommand } from './commands/outsideCommand.ts'
export type { PackageValidation } from './commands/validatePackage.ts'
export { SECOND_LOOKED } from './deadlines/deadlineDependencies.ts'
export { errorText, type Log, silentLog } from './log.ts'
export type { AssignmentListFilters } from './queries/assignmentQueries.ts'
export type { WholeAnswer } from './queries/directoryQueries.ts'
export type { AssignmentLine, RequestLine } from './queries/downloads.ts'
export type { ListOptions } from './queries/listOptions.ts'
export {
  type MetricFacts,
  metricFacts,
  PROBLEM_AGES,
  REMOVAL_BOUNDS,
} from './queries/metricQueries.ts'
export type { PolicyVersionView } from './queries/policyVersions.ts'
export type { RequestablePackage, RequestablePolicy } from './queries/requestable.ts'
export type { RequestListFilters } from './queries/requestQueries.ts'
export { QUEUES } from './queues.ts'
export {
  createReactors,
  JOB_ROUTER,
  MAIL_REACTOR,
  type Reactors,
  registerReactors,
} from './reactors.ts'
export { ViewsLagging } from './viewsLagging.ts'
export { logImports } from './work/directoryImports.ts'
export { tellLogAhead } from './work/logAhead.ts'
export type { SweepReport } from './work/sweep.ts'
export { createWorker, type Worker } from './work/worker.ts'
export {
  DEFAULT_WORKER_SETTINGS,
  type WorkerDependencies,
  type WorkerSettings,
} from './work/workerDependencies.ts'
