export { type RunningWorker, startWorker } from './startWorker.ts'
