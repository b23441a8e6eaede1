// npm run docs: writes the pages that are generated from the sources.
import { writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generatedPages } from './generatedPages.ts'

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
for (const { file, text } of generatedPages) writeFileSync(join(root, file), text(root))
