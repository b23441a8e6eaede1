// Run as a process of its own: grants one access after the other in a file and tells its parent after each.
import { createFileConnector } from '../file/fileConnector.ts'
import { accessOf } from './accesses.ts'

const [, , path, name, count] = process.argv
if (path === undefined || name === undefined) throw new Error('usage: fileWriter path name count')
const connector = createFileConnector({
  name: 'file',
  path,
  clock: { now: () => '2026-03-01T09:00:00.000Z' },
})
const { signal } = new AbortController()
for (let n = 0; n < Number(count); n += 1) {
  const access = accessOf(`${name}-${n}`, 'Marketing')
  await connector.grant(access, signal)
  process.send?.(access.subject.id)
}
