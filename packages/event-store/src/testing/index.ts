export { type DoubleProcess, startDoubleProcess } from './eventStoreDouble/doubleProcess.ts'
