import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startDoubleProcess } from '@portcullis/event-store/testing'
import { sizeOfRun, TEST_EVENTSTORE_URL } from './installation.ts'

/**
 * Vitest's global set-up of the end-to-end tests: for the size `cluster` one event store for the whole run. That of
 * EVENTSTORE_URL where it is set; else the double, in a process of its own.
 */
export const setup = async (): Promise<() => Promise<void>> => {
  if (sizeOfRun() !== 'cluster') return async () => {}
  const { EVENTSTORE_URL } = process.env
  if (EVENTSTORE_URL !== undefined) {
    process.env[TEST_EVENTSTORE_URL] = EVENTSTORE_URL
    return async () => {
      delete process.env[TEST_EVENTSTORE_URL]
    }
  }
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-events-'))
  const double = await startDoubleProcess({ file: join(folder, 'log.jsonl') })
  process.env[TEST_EVENTSTORE_URL] = double.url
  return async () => {
    delete process.env[TEST_EVENTSTORE_URL]
    await double.close()
    await rm(folder, { recursive: true, force: true })
  }
}
