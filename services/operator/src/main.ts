import { EXIT } from '@portcullis/runtime'

import { runProgram } from './cli/runProgram.ts'

// The one who read our output has seen enough, as `head` has.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
  process.exit(EXIT.ok)
})

process.exitCode = await runProgram(process.argv.slice(2))
