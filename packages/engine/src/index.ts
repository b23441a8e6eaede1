export * from './application.ts'
export { createApplication } from './createApplication.ts'
export { errorText, type Log, silentLog } from './log.ts'
export { QUEUES } from './queues.ts'
export type { SweepReport } from './sweep.ts'
export {
  createWorker,
  DEFAULT_WORKER_SETTINGS,
  JOB_ROUTER,
  MAIL_REACTOR,
  type Worker,
  type WorkerDependencies,
  type WorkerSettings,
} from './worker.ts'
