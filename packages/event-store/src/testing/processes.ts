import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { EventStore } from '@portcullis/core'
import { wholeLog } from '@portcullis/core/contracts'
import { expect, onTestFinished } from 'vitest'

/** What a process of the crash specs printed about one event. */
export type Line = [position: number, stream: string, revision: number, id: string]

export interface Talker {
  /** What it has printed so far, whole lines only. */
  readonly lines: readonly Line[]
  /** What it wrote to stderr. */
  complaints(): string
  /** `kill -9`; resolves when it is gone and its last lines are read. */
  kill(): Promise<void>
}

/** Starts one of the `.process.ts` files; it ends with the test at the latest. */
export const talk = (script: URL, ...args: readonly string[]): Talker => {
  const file = fileURLToPath(script)
  const child: ChildProcess = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const lines: Line[] = []
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors += chunk.toString()
  })
  if (child.stdout === null) throw new Error('the process has no output')
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => {
    // A killed process may leave half a line.
    if (line.endsWith(']')) lines.push(JSON.parse(line))
  })
  const read = once(reader, 'close')
  const gone = once(child, 'exit')
  return {
    lines,
    complaints: () => errors,
    kill: async () => {
      child.kill('SIGKILL')
      await Promise.all([gone, read])
    },
  }
}

/** `kill -9` of a process and all its children, the parent first, so that it can't react (Linux). */
export const killTree = async (pid: number): Promise<void> => {
  const children: number[] = []
  for (const entry of await readdir('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '')
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])
    if (parent === pid) children.push(Number(entry))
  }
  for (const victim of [pid, ...children]) {
    try {
      process.kill(victim, 'SIGKILL')
    } catch {
      // Gone on its own.
    }
  }
}

/** Checks that everything acknowledged is in the log at its place, that positions have no gaps and streams neither. */
export const expectWhole = async (
  store: EventStore,
  acknowledged: readonly Line[],
): Promise<readonly Line[]> => {
  const log = (await wholeLog(store)).map(
    (event): Line => [Number(event.position), event.stream, Number(event.revision), event.id],
  )
  expect(log.map(([position]) => position)).toEqual(log.map((_, index) => index + 1))
  const next = new Map<string, number>()
  for (const [, stream, revision] of log) {
    expect(revision).toBe(next.get(stream) ?? 0)
    next.set(stream, revision + 1)
  }
  for (const line of acknowledged) expect(log[line[0] - 1]).toEqual(line)
  return log
}
