export * from './application.ts'
export { ensureDefaultCatalog } from './commands/defaultCatalog.ts'
export { createApplication } from './createApplication.ts'
export { errorText, type Log, silentLog } from './log.ts'
export { checkPromises } from './promises/checkPromises.ts'
export type {
  Downtime,
  Probe,
  PromiseEvidence,
  PromiseNumber,
  PromiseResult,
} from './promises/evidence.ts'
export { promiseReport } from './promises/promiseReport.ts'
export { QUEUES } from './queues.ts'
export type { SweepReport } from './sweep.ts'
export {
  createWorker,
  DEFAULT_WORKER_SETTINGS,
  JOB_ROUTER,
  MAIL_REACTOR,
  registerReactors,
  type Worker,
  type WorkerDependencies,
  type WorkerSettings,
} from './worker.ts'
