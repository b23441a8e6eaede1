// npm run docs: writes the pages that are generated from the sources.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { eventReference } from './eventReference/eventReference.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
writeFileSync(join(root, 'docs/reference/events.md'), eventReference(root))
