import { execFile } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openApiDocument } from './openApi.ts'
import { allOperations } from './operations.ts'

const run = promisify(execFile)
const require = createRequire(import.meta.url)
const generator = require.resolve('openapi-generator-plus/bin/ogplus.js')
const java = require.resolve('@openapi-generator-plus/java-cxf-client-generator')

let folder: string
/** The generated Java: path to text. */
let sources: ReadonlyMap<string, string>

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portcullis-java-'))
  const document = openApiDocument('https://access.example.org', '0.1.0')
  await writeFile(join(folder, 'openapi.json'), JSON.stringify(document))
  const out = join(folder, 'java')
  await run(process.execPath, [generator, ...['-g', java, '-o', out], join(folder, 'openapi.json')])
  const files = await readdir(out, { recursive: true })
  sources = new Map(
    await Promise.all(
      files
        .filter((file) => file.endsWith('.java'))
        .map(async (file) => [file, await readFile(join(out, file), 'utf8')] as const),
    ),
  )
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('a Java client made from the OpenAPI document', () => {
  it('has a method for every operation', () => {
    const interfaces = [...sources].filter(([file]) => /\/\w+Api\.java$/.test(file))
    const text = interfaces.map(([, source]) => source).join('\n')
    for (const { id } of allOperations) expect(text).toMatch(new RegExp(`\\b${id}\\(`))
  })

  it('has a class for every named schema that holds fields, under its name', () => {
    const { schemas } = openApiDocument('', '').components
    const objects = Object.entries(schemas).filter(
      ([, schema]) => schema.type === 'object' || 'oneOf' in schema,
    )
    expect(objects.length).toBeGreaterThan(20)
    const files = [...sources.keys()]
    for (const [name] of objects) {
      expect(files).toContainEqual(expect.stringMatching(new RegExp(`/model/${name}\\.java$`)))
    }
  })

  it('needs no name made up for a shape of a union', () => {
    for (const [file, source] of sources)
      expect([file, source.includes('ObjectValue')]).toEqual([file, false])
  })
})
