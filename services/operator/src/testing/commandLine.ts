import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The checkout, where users type their commands. */
export const ROOT = fileURLToPath(new URL('../../../../', import.meta.url))
/** The command line's entry, for the one who starts it in a process of their own. */
export const COMMAND_LINE = fileURLToPath(new URL('../main.ts', import.meta.url))

/** A folder that commands may use as they like; `remove` when done. */
export const temporaryFolder = async (): Promise<{ path: string; remove(): Promise<void> }> => {
  const path = await mkdtemp(join(tmpdir(), 'portcullis-operator-'))
  // Started by root, the embedded PostgreSQL runs as a user of its own, who has to get in.
  await chmod(path, 0o755)
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

const OURS = /^(?:PORTCULLIS_|SMTP_|DATABASE_URL|REDIS_|EVENTSTORE_)/

/** The environment without our variables, but for these; any free port, so that tests don't meet. */
export const environment = (variables: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name))),
  PORTCULLIS_PORT: '0',
  // Times are shown in the zone of the machine.
  TZ: 'UTC',
  ...variables,
})

export interface Ran {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** A process whose output is kept. */
export class Running {
  stdout = ''
  stderr = ''
  /** What it printed and its exit code, when it is over. */
  readonly ended: Promise<Ran>
  private readonly child: ChildProcess

  constructor(program: string, words: readonly string[], env: NodeJS.ProcessEnv, cwd = ROOT) {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    this.child = child
    const killAtExit = (): void => void child.kill('SIGKILL')
    process.once('exit', killAtExit)
    child.once('exit', () => process.removeListener('exit', killAtExit))
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.stderr += text
    })
    this.ended = once(child, 'close').then(([code]) => ({
      code,
      stdout: this.stdout,
      stderr: this.stderr,
    }))
  }

  /** Waits until standard output holds this; fails when the process ends without it. */
  async says(text: string): Promise<void> {
    const over = this.ended.then(({ stderr }) => {
      if (!this.stdout.includes(text)) throw new Error(`ended without saying "${text}":\n${stderr}`)
    })
    while (!this.stdout.includes(text))
      await Promise.race([once(this.child.stdout ?? this.child, 'data'), over])
  }

  signal(signal: NodeJS.Signals): void {
    this.child.kill(signal)
  }

  /** Ends it as Ctrl-C does, if it hasn't ended. */
  async stop(): Promise<Ran> {
    this.signal('SIGINT')
    return this.ended
  }
}

/** Starts the command line in a process of its own. */
export const startCommand = (words: readonly string[], env: NodeJS.ProcessEnv): Running =>
  new Running(process.execPath, [COMMAND_LINE, ...words], env)

/** Runs a command to its end. */
export const runCommand = (words: readonly string[], env: NodeJS.ProcessEnv): Promise<Ran> =>
  startCommand(words, env).ended

/** Runs a line as somebody types it, in the checkout. */
export const typed = (line: string, env: NodeJS.ProcessEnv): Running =>
  new Running('/bin/sh', ['-c', `exec ${line}`], env)

/** Each line of an output with --json. */
export const linesOf = (output: string): readonly Record<string, unknown>[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
