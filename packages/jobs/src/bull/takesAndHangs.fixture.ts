// Run as a process of its own: takes one job and never ends it, to be killed in the middle.
import { testJobs } from './bull.fixture.ts'
import type { JobsServer } from './openBackend.ts'

const [kind, url] = process.argv.slice(2)
if ((kind !== 'postgres' && kind !== 'redis') || url === undefined) {
  throw new Error('usage: takesAndHangs.fixture.ts postgres|redis <url>')
}
const server: JobsServer = { kind, url }
await testJobs(server).work({
  queue: 'q',
  concurrency: 1,
  handler: async () => {
    process.stdout.write('taken\n')
    await new Promise(() => {})
  },
})
