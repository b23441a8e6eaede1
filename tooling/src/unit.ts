// turbo run test:unit, in each package: the unit tests of the folder it is started in. What it counts goes to
// .turbo/unit.json, which turbo keeps with the output.
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { INTERRUPTED, runLevels, stopSignal } from './runLevels.ts'
import { UNIT_SUMMARY } from './unitTests.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const folder = `${relative(root, process.cwd())}/`
const signal = stopSignal()
const summary = await runLevels(root, `unit tests of ${folder}`, ['unit'], [folder], signal)
mkdirSync(dirname(UNIT_SUMMARY), { recursive: true })
writeFileSync(UNIT_SUMMARY, JSON.stringify(summary))
process.exit(signal.aborted ? INTERRUPTED : summary.failed === 0 ? 0 : 1)
