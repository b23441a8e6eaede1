import { fork } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  accessOf,
  type ConnectorUnderTest,
  describeConnectorContract,
  describeManyContract,
} from '../testing/index.ts'
import { createFileConnector } from './fileConnector.ts'
import { readMemberships } from './membershipFile.ts'

const clock = { now: () => '2026-03-01T09:00:00.000Z' }
const { signal } = new AbortController()

for (const extension of ['json', 'csv']) {
  const make = async (): Promise<ConnectorUnderTest> => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-file-'))
    const path = join(folder, 'deeper', `memberships.${extension}`)
    const second = () => createFileConnector({ name: 'file', path, clock })
    let whole: string | undefined
    return {
      connector: second(),
      second,
      accesses: Array.from({ length: 12 }, (_, index) => accessOf(`person-${index}`, 'Marketing')),
      otherRole: accessOf('person-0', 'Marketing', 'owner'),
      holders: async () =>
        (await readMemberships(path))
          .filter(({ role }) => role === 'member')
          .map(({ subject }) => subject),
      break: async (kind) => {
        whole = await readFile(path, 'utf8')
        if (kind === 'until corrected') return writeFile(path, '[{"resource": ')
        // A link to itself gives an I/O error to every user, root too.
        await rm(path)
        await symlink(path, path)
      },
      repair: async () => {
        await rm(path, { recursive: true, force: true })
        await writeFile(path, whole ?? '')
      },
      close: () => rm(folder, { recursive: true }),
    }
  }
  describeConnectorContract(`file (.${extension})`, make)
  describeManyContract(`file (.${extension})`, make)
}

describe('file connector', () => {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'portcullis-file-'))
  })
  afterEach(() => rm(folder, { recursive: true }))

  it('writes what a person can read, and leaves nothing else behind', async () => {
    const path = join(folder, 'memberships.csv')
    const connector = createFileConnector({ name: 'file', path, clock })
    await connector.grant(accessOf('alice', 'Team "Nord", Büro'), signal)
    await connector.grant(accessOf('bob', '=HYPERLINK("http://evil.example")'), signal)
    expect(await readFile(path, 'utf8')).toBe(
      'resource,role,subject,since\r\n' +
        '"Team ""Nord"", Büro","member","alice","2026-03-01T09:00:00.000Z"\r\n' +
        '"\'=HYPERLINK(""http://evil.example"")","member","bob","2026-03-01T09:00:00.000Z"\r\n',
    )
    expect((await readMemberships(path)).map(({ resource }) => resource)).toEqual([
      'Team "Nord", Büro',
      '=HYPERLINK("http://evil.example")',
    ])
    expect(await readdir(folder)).toEqual(['memberships.csv'])
    const json = join(folder, 'memberships.json')
    await createFileConnector({ name: 'file', path: json, clock }).grant(
      accessOf('alice', 'Marketing'),
      signal,
    )
    expect(await readFile(json, 'utf8')).toBe(
      '[\n  {"resource":"Marketing","role":"member","subject":"alice","since":"2026-03-01T09:00:00.000Z"}\n]\n',
    )
  })

  it('changes many by one write, and what is asked for meanwhile by the next one', async () => {
    const path = join(folder, 'memberships.json')
    const connector = createFileConnector({ name: 'file', path, clock })
    const watched = watch(folder)
    const writes: string[] = []
    watched.on('change', (event, file) => {
      if (event === 'rename' && file === 'memberships.json') writes.push(file)
    })
    const operations = Array.from({ length: 400 }, (_, index) => ({
      access: accessOf(`person-${index}`, 'Marketing'),
      operationId: `operation-${index}`,
    }))
    await connector.many?.grant(operations, signal)
    await Promise.all(
      operations.slice(0, 100).map(({ access }) => connector.revoke(access, signal)),
    )
    await vi.waitFor(() => expect(writes.length).toBeGreaterThan(1))
    watched.close()
    expect(await readMemberships(path)).toHaveLength(300)
    expect(writes.length).toBeLessThanOrEqual(3)
  })

  it('calls it busy, and not failed, when time is up before a change was begun', async () => {
    const path = join(folder, 'memberships.json')
    await writeFile(`${path}.lock`, `${process.pid} ${hostname()} somebody`)
    const connector = createFileConnector({ name: 'file', path, clock })
    const timeout = new AbortController()
    const granting = connector.grant(accessOf('alice', 'Marketing'), timeout.signal)
    timeout.abort(new DOMException('time is up', 'TimeoutError'))
    await expect(granting).rejects.toMatchObject({
      code: 'file.busy',
      transient: true,
      deferred: true,
    })
    await rm(`${path}.lock`)
    await connector.close()
    expect(await readMemberships(path)).toEqual([])
  })

  it('keeps the file as it is when there is nothing to change', async () => {
    const path = join(folder, 'memberships.json')
    const byHand = `[{"resource":"Marketing","role":"member","subject":"alice","since":"2020-01-01T00:00:00Z"}]`
    await writeFile(path, byHand)
    const connector = createFileConnector({ name: 'file', path, clock })
    await connector.grant(accessOf('alice', 'Marketing'), signal)
    await connector.revoke(accessOf('bob', 'Marketing'), signal)
    expect(await readFile(path, 'utf8')).toBe(byHand)
  })

  it.each([
    ['memberships.json', '{}', /not a JSON array/],
    ['memberships.json', '[{"resource":"r","role":"x","subject":""}]', /entry 1: subject/],
    ['memberships.csv', 'resource,role,subject,since\nr,x,alice,yesterday\n', /line 2: since/],
    ['memberships.csv', 'resource,role,subject\nr,x,alice\n', /line 2: since/],
    ['memberships.csv', 'resource,role,subject,since\nr,"x,alice\n', /correct the file/],
  ])('refuses a broken %s (%s) and leaves it as it is', async (file, text, message) => {
    const path = join(folder, file)
    await writeFile(path, text)
    const connector = createFileConnector({ name: 'file', path, clock })
    await expect(connector.grant(accessOf('bob', 'r'), signal)).rejects.toMatchObject({
      code: 'file.unreadable',
      transient: false,
      message: expect.stringMatching(message),
    })
    expect(await readFile(path, 'utf8')).toBe(text)
  })

  it('refuses another extension at once', () => {
    expect(() => createFileConnector({ name: 'file', path: '/x/members.xlsx', clock })).toThrow(
      /ends in .json or .csv/,
    )
  })

  it('calls a path that can be no file an error for somebody to correct', async () => {
    await writeFile(join(folder, 'a-file'), '')
    const path = join(folder, 'a-file', 'memberships.json')
    const connector = createFileConnector({ name: 'file', path, clock })
    const lasting = { code: 'file.io', transient: false }
    await expect(connector.grant(accessOf('bob', 'r'), signal)).rejects.toMatchObject(lasting)
    await expect(connector.probe()).rejects.toMatchObject(lasting)
  })

  it('takes over the lock of a process that is gone', async () => {
    const path = join(folder, 'memberships.json')
    // The largest process id of Linux is 4,194,304.
    await writeFile(`${path}.lock`, `4999999 ${hostname()} some-token`)
    const connectors = Array.from({ length: 6 }, () =>
      createFileConnector({ name: 'file', path, clock }),
    )
    await Promise.all(
      connectors.map((connector, n) => connector.grant(accessOf(`p${n}`, 'Marketing'), signal)),
    )
    expect(await readMemberships(path)).toHaveLength(6)
    expect(await readdir(folder)).toEqual(['memberships.json'])
  })

  it('loses no line when several processes write and some are killed in the middle', async () => {
    const path = join(folder, 'memberships.json')
    const child = new URL('../testing/fileWriter.ts', import.meta.url)
    const acknowledged = new Set<string>()
    const run = async (name: string, killAfter: number) => {
      const writer = fork(child, [path, name, '40'])
      let seen = 0
      writer.on('message', (subject) => {
        acknowledged.add(String(subject))
        seen += 1
        if (seen === killAfter) writer.kill('SIGKILL')
      })
      await once(writer, 'exit')
    }
    await Promise.all([run('a', 7), run('b', 1000), run('c', 19)])
    const subjects = (await readMemberships(path)).map(({ subject }) => subject)
    expect(new Set(subjects).size).toBe(subjects.length)
    expect([...acknowledged].filter((subject) => !subjects.includes(subject))).toEqual([])
    expect(acknowledged.size).toBeGreaterThanOrEqual(40 + 7 + 19)
  }, 60_000)
})
