import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { publint } from 'publint'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  environment,
  type Ran,
  ROOT,
  Running,
  runCommand,
  startCommand,
  temporaryFolder,
} from './testing/commandLine.ts'

const PACKAGES = ['client', 'api-contract']
const BIN = join(ROOT, 'node_modules', '.bin')
const TSC = join(BIN, 'tsc')

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: NodeJS.ProcessEnv
let engine: Running
/** A project of somebody else, with the packed client installed. */
let project: string

/** Packs the client and its contract as for a registry, and unpacks them where npm would. */
beforeAll(async () => {
  folder = await temporaryFolder()
  env = environment({ PORTCULLIS_DATA: join(folder.path, 'data') })
  engine = startCommand(['start', '--json'], env)
  project = join(folder.path, 'project')
  const modules = join(project, 'node_modules')
  await mkdir(join(modules, '@types'), { recursive: true })
  for (const name of PACKAGES) {
    const installed = join(modules, '@portcullis', name)
    await mkdir(installed, { recursive: true })
    const packed = await run('pnpm', ['pack', '--pack-destination', installed], {
      cwd: join(ROOT, 'packages', name),
    })
    expect(packed, packed.stderr).toMatchObject({ code: 0 })
    const [archive = ''] = (await readdir(installed)).filter((file) => file.endsWith('.tgz'))
    await run('tar', ['-xzf', archive, '--strip-components=1'], { cwd: installed })
  }
  const types = await realpath(join(ROOT, 'node_modules', '@types', 'node'))
  await symlink(types, join(modules, '@types', 'node'))
  const zod = await realpath(join(ROOT, 'packages', 'client', 'node_modules', 'zod'))
  await symlink(zod, join(modules, 'zod'))
  await writeFile(join(project, 'package.json'), JSON.stringify({ type: 'module' }))
  await engine.says('"event":"started"')
})
afterAll(async () => {
  await engine?.stop()
  await folder?.remove()
})

const run = (
  program: string,
  words: readonly string[],
  { cwd, variables = {} }: { cwd: string; variables?: Record<string, string> },
): Promise<Ran> => {
  const path = [BIN, process.env.PATH].join(delimiter)
  return new Running(program, words, { ...process.env, PATH: path, ...variables }, cwd).ended
}

const OPTIONS = ['--strict', '--target', 'ES2022', '--exactOptionalPropertyTypes']

const page = () => readFile(join(ROOT, 'docs', 'how-to', 'client.md'), 'utf8')
const block = (text: string, language: string): string =>
  new RegExp(`\`\`\`${language}\\n(.*?)\`\`\``, 's').exec(text)?.[1] ?? ''

describe('the packed client', () => {
  it.each(PACKAGES)('%s passes publint', async (name) => {
    const pkgDir = join(project, 'node_modules', '@portcullis', name)
    const { messages } = await publint({ pkgDir, pack: false, strict: true })
    expect(messages).toEqual([])
  })

  it('holds JavaScript and declarations, a licence, and nothing else of the sources', async () => {
    const files = await readdir(join(project, 'node_modules', '@portcullis', 'client'), {
      recursive: true,
    })
    expect(files).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'dist/index.js', 'dist/index.d.ts']),
    )
    expect(files.filter((file) => /spec|testing|(?<!\.d)\.ts$/.test(file))).toEqual([])
  })

  it('the example of its page is right in its types, runs under plain Node, and prints what the page says', async () => {
    const text = await page()
    await writeFile(join(project, 'example.ts'), block(text, 'ts'))
    const words = ['--module', 'NodeNext', '--types', 'node', 'example.ts']
    const compiled = await run(TSC, [...OPTIONS, ...words], { cwd: project })
    expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' })

    const { stdout: started } = engine
    const token = await runCommand(
      ['token', '--service', 'personnel', '--role', 'UserAdministrator'],
      env,
    )
    const ran = await run(process.execPath, ['example.js'], {
      cwd: project,
      variables: {
        PORTCULLIS_URL: /"url":"([^"]+)"/.exec(started)?.[1] ?? '',
        PORTCULLIS_TOKEN: token.stdout.trim(),
      },
    })
    expect(ran).toEqual({ code: 0, stdout: block(text, 'text'), stderr: '' })
  })

  it('is right in its types for a bundler too, with a browser’s types and without Node’s', async () => {
    const source = `import { createClient, type Input } from '@portcullis/client'
      const input: Input<'createCatalog'> = { displayName: 'x' }
      export const made = createClient({ url: location.origin, token: () => 'x' }).createCatalog(input)
      export const position = async (): Promise<string> => (await made).position
      // @ts-expect-error: there is no such operation.
      createClient({ url: '', token: '' }).createKingdom
      `
    await writeFile(join(project, 'browser.ts'), source)
    const words = ['--noEmit', '--module', 'ESNext', '--moduleResolution', 'bundler', '--types', '']
    const compiled = await run(
      TSC,
      [...OPTIONS, ...words, '--lib', 'ES2022,DOM,DOM.Iterable', 'browser.ts'],
      { cwd: project },
    )
    expect(compiled).toEqual({ code: 0, stdout: '', stderr: '' })
  })
})
