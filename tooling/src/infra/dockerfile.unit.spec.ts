import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { describe, expect, it } from 'vitest'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const text = readFileSync(`${ROOT}infra/Dockerfile`, 'utf8')
const lines = text.split('\n')
const manifest = JSON.parse(readFileSync(`${ROOT}package.json`, 'utf8'))

const lint = (dockerfile: string): readonly string[] =>
  validate(dockerfile).map(({ message, range }) => `${range.start.line + 1}: ${message}`)

describe('the Dockerfile', () => {
  it('has nothing that the linter warns of', () => {
    expect(lint(text)).toEqual([])
    expect(lint('FROM node:24\nCDM ["x"]\n')).toEqual(['2: Unknown instruction: CDM'])
  })

  it('uses the Node and the pnpm of the checkout, by version', () => {
    const { node, pnpm } = manifest.devDependencies
    const bases = lines.filter((line) => line.startsWith('FROM '))
    expect(bases).toHaveLength(3)
    expect(new Set(bases.map((line) => line.split(' ')[1]))).toEqual(
      new Set([`node:${node}-bookworm-slim`]),
    )
    expect(text).toContain(`npm install --global pnpm@${pnpm}`)
  })

  it('runs as a user without rights, with a health check', () => {
    const last = text.slice(text.lastIndexOf('FROM '))
    expect(last).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m)
    expect(last).toMatch(/^HEALTHCHECK .*\n.*\/readyz/m)
    expect(last).toMatch(/^ENTRYPOINT \["node", .*"\/app\/services\/operator\/src\/main\.ts"\]$/m)
  })

  it('keeps the heap small in the same way as the launcher of the checkout', () => {
    const launcher = readFileSync(`${ROOT}scripts/run.mjs`, 'utf8')
    const heap = /^const HEAP = \[(.*)\]$/m.exec(launcher)?.[1]?.replaceAll("'", '"')
    expect(heap).toContain('--')
    expect(text).toContain(`ENTRYPOINT ["node", ${heap}, "/app`)
  })
})
