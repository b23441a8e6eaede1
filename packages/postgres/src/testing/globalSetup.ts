import { startTestServer, TEST_DATABASE_URL, type TestServer } from './testDatabase.ts'

let server: Promise<TestServer> | undefined
let users = 0

/**
 * Vitest's global set-up: one server for the whole run, shared by every project that names this file; stopped when the
 * last one is done.
 */
export const setup = async (): Promise<() => Promise<void>> => {
  if (server === undefined && process.env[TEST_DATABASE_URL] !== undefined) return async () => {}
  users += 1
  server ??= startTestServer()
  process.env[TEST_DATABASE_URL] = (await server).url
  return async () => {
    users -= 1
    if (users > 0) return
    const running = await server
    server = undefined
    delete process.env[TEST_DATABASE_URL]
    await running?.stop()
  }
}
