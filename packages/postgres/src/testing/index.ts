export {
  startTestServer,
  type TestDatabase,
  type TestServer,
  testDatabase,
} from './testDatabase.ts'
