import { spawn } from 'node:child_process'

export interface CommandResult {
  /** Exit code; 128 and more when a signal ended it; 127 when it could not be started. */
  readonly code: number
  /** What it wrote, both streams together; empty when it was shown. */
  readonly output: string
}

export interface CommandOptions {
  readonly cwd: string
  /** `show` passes the output on as it comes; `keep` returns it. */
  readonly output: 'show' | 'keep'
  readonly env?: Readonly<Record<string, string>>
}

/** Runs a program to its end. A signal that asks us to stop is passed on to it. */
export const runCommand = (
  command: readonly [string, ...string[]],
  options: CommandOptions,
): Promise<CommandResult> =>
  new Promise((resolve) => {
    const [program, ...words] = command
    const stdio = options.output === 'show' ? 'inherit' : 'pipe'
    const child = spawn(program, words, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ['ignore', stdio, stdio],
    })
    let output = ''
    const keep = (chunk: Buffer): void => {
      output += chunk.toString()
    }
    child.stdout?.on('data', keep)
    child.stderr?.on('data', keep)
    const passOn = (signal: NodeJS.Signals): void => {
      child.kill(signal)
    }
    process.on('SIGINT', passOn).on('SIGTERM', passOn)
    const end = (code: number): void => {
      process.off('SIGINT', passOn).off('SIGTERM', passOn)
      resolve({ code, output })
    }
    child.on('error', (error) => {
      output += `${program}: ${error.message}\n`
      end(127)
    })
    child.on('close', (code, signal) => end(signal === null ? (code ?? 1) : 128))
  })
