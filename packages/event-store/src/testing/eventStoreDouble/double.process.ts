// A test tool, not EventStoreDB: the double as a process of its own, which a test can kill. Arguments: the file of its
// events, its port (0: a free one).
import { createInterface } from 'node:readline'
import { startEventStoreDouble } from './eventStoreDouble.ts'

const [, , file, port = '0'] = process.argv
if (file === undefined) throw new Error('double.process.ts <file of its events> [<port>]')
const double = await startEventStoreDouble({ file, port: Number(port) })
process.stdout.write(`${double.port}\n`)

// Lines of the input are faults to set, as JSON. It ends when the one who started it is gone.
const input = createInterface({ input: process.stdin })
input.on('line', (line) => {
  Object.assign(double.faults, JSON.parse(line))
  process.stdout.write('faults set\n')
})
input.on('close', () => process.exit(0))
