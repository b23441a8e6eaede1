// npm run bench: each bench/src/*.bench.ts in turn, alone; then one line of JSON with the last lines of all.
import { spawn } from 'node:child_process'
import { globSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { mergeResults } from './benchResults.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Shows what a bench prints, as it comes, and returns its last line. */
const lastLineOf = async (file: string): Promise<string> => {
  const child = spawn(process.execPath, [...process.execArgv, join(root, file)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const passOn = (signal: NodeJS.Signals): void => {
    child.kill(signal)
  }
  process.on('SIGINT', passOn).on('SIGTERM', passOn)
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code, signal) => {
      process.off('SIGINT', passOn).off('SIGTERM', passOn)
      if (code === 0) resolve()
      else reject(new Error(`${file} ended with ${signal ?? code}`))
    })
  })
  let last = ''
  createInterface({ input: child.stdout }).on('line', (line) => {
    console.log(line)
    if (line.trim() !== '') last = line
  })
  await ended
  return last
}

const main = async (): Promise<number> => {
  const wanted = process.argv.slice(2)
  const files = globSync('bench/src/*.bench.ts', { cwd: root })
    .sort()
    .filter((file) => wanted.length === 0 || wanted.some((part) => basename(file).includes(part)))
  if (files.length === 0) {
    console.error(`there is no bench/src/*.bench.ts that matches ${wanted.join(' ') || '*'}`)
    return 2
  }
  const lines: { file: string; lastLine: string }[] = []
  for (const file of files) {
    console.log(`── ${basename(file, '.bench.ts')}`)
    lines.push({ file, lastLine: await lastLineOf(file) })
  }
  console.log(JSON.stringify(mergeResults(lines)))
  return 0
}

process.exitCode = await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  return 1
})
