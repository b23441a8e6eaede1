import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPortal } from './portalFiles.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portal-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const write = async (name: string, text: string): Promise<void> => {
  await mkdir(join(folder, name, '..'), { recursive: true })
  await writeFile(join(folder, name), text)
}

describe('a build of the portal', () => {
  it('is none without its folder or its page', async () => {
    expect(await readPortal(join(folder, 'nothing'))).toBeUndefined()
    await write('assets/a.js', '1')
    expect(await readPortal(folder)).toBeUndefined()
  })

  it('is read whole, with what was compressed beside it and nothing that is about the build', async () => {
    await write('index.html', '<html>')
    await write('assets/a.js', 'a')
    await write('assets/a.js.br', 'b')
    await write('assets/a.js.gz', 'g')
    await write('.vite/manifest.json', '{}')
    await write('stamp', '1')
    const files = await readPortal(folder)
    expect([...(files?.keys() ?? [])].sort()).toEqual(['/assets/a.js', '/index.html'])
    const script = files?.get('/assets/a.js')
    expect([script?.type, script?.body, script?.brotli, script?.gzip].map(String)).toEqual([
      'text/javascript; charset=utf-8',
      'a',
      'b',
      'g',
    ])
    expect(files?.get('/index.html')?.brotli).toBeUndefined()
  })

  it('stays as it was read while another is put in its place', async () => {
    await write('index.html', 'old')
    const files = await readPortal(folder)
    await rm(folder, { recursive: true })
    expect(String(files?.get('/index.html')?.body)).toBe('old')
  })
})
