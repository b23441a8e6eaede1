export { isAwaited } from './advisoryLocks.ts'
export {
  startTestServer,
  type TestDatabase,
  type TestServer,
  testDatabase,
} from './testDatabase.ts'
