import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EventStore, NO_STREAM } from '@portcullis/core'
import {
  contractEvent,
  contractEventSchemas,
  contractEvents,
  follow,
  wholeLog,
} from '@portcullis/core/contracts'
import { certificate } from '@portcullis/core/testing'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { createCodec } from '../codec.ts'
import {
  type EventStoreDouble,
  startEventStoreDouble,
} from '../testing/eventStoreDouble/eventStoreDouble.ts'
import { startDoubleProcess } from '../testing/index.ts'
import { connectTo } from './connection.ts'
import { createEventStoreDbEventStore } from './eventStoreDbEventStore.ts'
import { checkServer } from './server.ts'

const codec = createCodec(contractEventSchemas)
const PATIENCE = { timeout: 30_000, interval: 5 }

describe('a node that fails', () => {
  let double: EventStoreDouble
  let store: EventStore
  let notes: string[]
  beforeEach(async () => {
    notes = []
    double = await startEventStoreDouble()
    store = await createEventStoreDbEventStore({
      url: double.url,
      codec,
      streamPrefix: 'x_',
      log: (note) => notes.push(note),
    })
  })
  afterEach(async () => {
    await store.close()
    await double.close()
  })

  it('writes once what it wrote before the connection was lost', async () => {
    double.faults.dropAfterCommit = 2
    const appended = await store.append('a', NO_STREAM, contractEvents('a', 0, 2))
    expect(appended.revision).toBe(2n)
    expect(double.faults.dropAfterCommit).toBe(0)
    expect((await store.readStream('a')).map(({ data }) => data)).toEqual([
      { n: 0 },
      { n: 1 },
      { n: 2 },
    ])
    expect(await store.head()).toBe(appended.position)
  })

  it('tells one of several who append the same in the same instant that it was the first', async () => {
    const events = contractEvents('a', 0, 2)
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => store.append('a', NO_STREAM, events)),
    )
    expect(outcomes.filter(({ repeated }) => !repeated)).toHaveLength(1)
    expect(new Set(outcomes.map(({ position }) => position)).size).toBe(1)
    expect(await store.readStream('a')).toHaveLength(3)
  })

  it('is asked again when it refuses, or isn’t the leader any more', async () => {
    double.faults.refuseAppends = 3
    await store.append('a', NO_STREAM, [contractEvent('a', 0)])
    double.faults.notLeader = 1
    await store.append('a', 0n, [contractEvent('a', 1)])
    expect(await wholeLog(store)).toHaveLength(2)
  })

  it('is waited for while it is gone: appends and subscriptions go on when it is back', async () => {
    const following = follow(store)
    await store.append('a', NO_STREAM, [contractEvent('a', 0)])
    await vi.waitUntil(() => following.events().length === 1, PATIENCE)
    await double.loseNode()
    const waiting = store.append('a', 0n, [contractEvent('a', 1)])
    await vi.waitUntil(() => notes.length > 0, PATIENCE)
    await double.returnNode()
    await waiting
    await vi.waitUntil(() => following.events().length === 2, PATIENCE)
    await following.end()
    expect(following.events().map(({ data }) => data)).toEqual([{ n: 0 }, { n: 1 }])
    expect(notes[0]).toMatch(/dropped and is made anew/)
  })

  it('may cut a subscription anywhere and deliver events twice: each is given out once', async () => {
    for (let n = 0; n < 300; n += 1)
      await store.append('a', n === 0 ? NO_STREAM : BigInt(n - 1), [contractEvent('a', n)])
    double.faults.deliverTwice = 40
    double.faults.cutAfterEvents = 117
    const following = follow(store, { batchSize: 7 })
    await vi.waitUntil(() => following.events().length >= 300, PATIENCE)
    double.faults.cutAfterEvents = 0
    await store.append('a', 299n, [contractEvent('a', 300)])
    await vi.waitUntil(() => following.events().length >= 301, PATIENCE)
    await following.end()
    expect(following.events().map(({ data }) => data)).toEqual(
      Array.from({ length: 301 }, (_, n) => ({ n })),
    )
    expect(notes).toHaveLength(2)
  })

  it('may time out when it is sent the same append again', async () => {
    double.faults.dropAfterCommit = 1
    double.faults.slowRepeats = 3
    const appended = await store.append('a', NO_STREAM, contractEvents('a', 0, 2))
    expect(appended.revision).toBe(2n)
    expect(double.faults.slowRepeats).toBe(0)
    expect(await wholeLog(store)).toHaveLength(3)
  })

  it('ends an append that waits for it when the store is closed', async () => {
    await double.loseNode()
    const waiting = store.append('a', NO_STREAM, [contractEvent('a', 0)])
    const failed = expect(waiting).rejects.toThrow()
    await store.close()
    await failed
  })
})

describe('the double', () => {
  it('has its events after a restart', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'double-'))
    const file = join(folder, 'log.jsonl')
    const first = await startEventStoreDouble({ file })
    const before = await createEventStoreDbEventStore({ url: first.url, codec, streamPrefix: 'x_' })
    await before.append('a', NO_STREAM, contractEvents('a', 0, 4))
    const head = await before.head()
    await before.close()
    await first.close()
    const second = await startEventStoreDouble({ file })
    const after = await createEventStoreDbEventStore({ url: second.url, codec, streamPrefix: 'x_' })
    expect(await after.head()).toBe(head)
    expect(await after.readStream('a')).toHaveLength(5)
    const repeated = await after.append('a', NO_STREAM, contractEvents('a', 0, 4))
    expect(repeated).toEqual({ revision: 4n, position: head, repeated: true })
    await after.close()
    await second.close()
    await rm(folder, { recursive: true })
  })

  it('as a process has what it acknowledged after a kill, at the same port, and fails on demand', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'double-'))
    const double = await startDoubleProcess({ file: join(folder, 'log.jsonl') })
    const { port, pid } = double
    const store = await createEventStoreDbEventStore({
      url: double.url,
      codec,
      streamPrefix: 'x_',
    })
    await store.append('a', NO_STREAM, contractEvents('a', 0, 4))
    await double.kill()
    expect(double.pid).toBeUndefined()
    await expect(double.setFaults({ delayMillis: 1 })).rejects.toThrow('is down')
    const waiting = store.append('a', 4n, [contractEvent('a', 5)])
    await double.restart()
    await waiting
    expect(double.port).toBe(port)
    expect(double.pid).not.toBe(pid)
    await double.setFaults({ dropAfterCommit: 1 })
    await store.append('a', 5n, [contractEvent('a', 6)])
    expect((await store.readStream('a')).map(({ data }) => data)).toEqual(
      Array.from({ length: 7 }, (_, n) => ({ n })),
    )
    await store.close()
    await expect(startDoubleProcess({ file: join(folder, 'other.jsonl'), port })).rejects.toThrow(
      /instead of listening/,
    )
    await double.close()
    await rm(folder, { recursive: true })
  })
})

it('reads thousands of streams that don’t exist over one connection', async () => {
  const double = await startEventStoreDouble()
  const store = await createEventStoreDbEventStore({ url: double.url, codec, streamPrefix: 'x_' })
  // A server that is sent some thousand broken-off calls in a row closes the connection.
  const asks = Array.from({ length: 3_000 }, (_, n) => ({ stream: `missing-${n}` }))
  const found = await store.readStreams(asks)
  expect(found.flat()).toEqual([])
  await store.close()
  await double.close()
})

describe('a server that can’t be used', () => {
  const open = (url: string) => createEventStoreDbEventStore({ url, codec, streamPrefix: 'x_' })

  it('is told apart from one that isn’t there', async () => {
    const double = await startEventStoreDouble()
    await double.close()
    await expect(open(double.url)).rejects.toMatchObject({ code: 'event-store.unavailable' })
  })

  it('asks for TLS and a password, and a wrong one is told without being shown', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'double-'))
    const caFile = join(folder, 'ca.pem')
    await writeFile(caFile, certificate.cert)
    const double = await startEventStoreDouble({
      tls: certificate,
      user: { name: 'ada', password: 's3cret/' },
    })
    const url = (password: string) =>
      `esdb://ada:${encodeURIComponent(password)}@127.0.0.1:${double.port}?tls=true&tlsCAFile=${caFile}`
    const store = await open(url('s3cret/'))
    await store.append('a', NO_STREAM, [contractEvent('a', 0)])
    expect(await wholeLog(store)).toHaveLength(1)
    await store.close()
    const failed = open(url('hunter2'))
    await expect(failed).rejects.toMatchObject({
      code: 'event-store.unusable',
      message: expect.stringMatching(/refuses the user or the password/),
    })
    await expect(failed).rejects.toThrow(/^(?!.*hunter2)/)
    await expect(failed).rejects.toThrow(/^(?!.*right)/)
    await double.close()
    await rm(folder, { recursive: true })
  })

  it('is told apart from one that lacks a right: the password is right, and $all is for admins', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'double-'))
    const caFile = join(folder, 'ca.pem')
    await writeFile(caFile, certificate.cert)
    const double = await startEventStoreDouble({
      tls: certificate,
      user: { name: 'ada', password: 's3cret', mayReadAll: false },
    })
    const failed = open(`esdb://ada:s3cret@127.0.0.1:${double.port}?tls=true&tlsCAFile=${caFile}`)
    await expect(failed).rejects.toMatchObject({
      code: 'event-store.unusable',
      message: expect.stringMatching(/knows the user ada, who lacks a right .*\$all.*how-to/),
    })
    await expect(failed).rejects.toThrow(/^(?!.*(?:password|s3cret))/)
    await double.close()
    await rm(folder, { recursive: true })
  })

  it('is too old when it doesn’t say that a subscription has caught up', async () => {
    const double = await startEventStoreDouble()
    double.faults.neverCaughtUp = true
    const connection = connectTo(double.url)
    await expect(checkServer(connection, ['x_'], 100)).rejects.toThrow(/23\.10 or newer/)
    await connection.client.dispose()
    await connection.clients.close()
    await double.close()
  })

  it('is something else altogether', async () => {
    const http = createServer((_, answer) => answer.writeHead(404).end())
    await new Promise<void>((resolve) => http.listen(0, '127.0.0.1', resolve))
    const { port } = http.address() as AddressInfo
    await expect(open(`esdb://127.0.0.1:${port}?tls=false`)).rejects.toMatchObject({
      code: expect.stringMatching(/^event-store\.(unavailable|unusable)$/),
    })
    http.closeAllConnections()
    http.close()
  })
})
