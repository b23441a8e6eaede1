export { checkPromises } from './checkPromises.ts'
export type { PromiseEvidence, PromiseNumber, PromiseResult } from './evidence.ts'
export {
  checkLive,
  type LiveCheckDependencies,
  type LiveCheckReport,
  type OnCheckProgress,
} from './live/checkLive.ts'
export type { Broken, CheckState, Group, PromiseRecords } from './live/promiseRecords.ts'
export { promiseReport } from './promiseReport.ts'
