import { randomUUID } from 'node:crypto'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { getPostgreSQLEventStore } from '@event-driven-io/emmett-postgresql'
import {
  type EventStore,
  type ExpectedRevision,
  fold,
  type NewEvent,
  NO_STREAM,
} from '@portcullis/core'
import { eventSchemas, eventUpcasters } from '@portcullis/domain'
import { startEmbeddedPostgres } from '@portcullis/embedded-postgres'
import { createCodec, createPostgresEventStore } from '@portcullis/event-store'
import pg from 'pg'
import { createDatabase } from './createDatabase.ts'
import { type Contender, perSecond, report, takeTurns } from './harness.ts'

/**
 * Appends of the store against the plainest code that keeps the same rows, and against another event store, on one
 * durable server.
 */
const PER_STREAM = 10
const ROUNDS = Number(process.env.BENCH_ROUNDS ?? 7)

/** About 394 bytes of JSON. */
const makeEvent = (n: number): NewEvent => {
  const commandId = randomUUID()
  return {
    type: 'AssignmentScheduled.v1',
    data: {
      assignmentId: `sales-tools.alice.a${n + 1}`,
      requestId: `sales-tools.alice.r${n + 1}`,
      packageId: 'sales-tools',
      subjectId: 'alice',
      policyId: 'employees',
      policyVersion: 3,
      startAt: '2026-11-23T21:18:00.000Z',
      endAt: null,
    },
    id: randomUUID(),
    metadata: {
      commandId,
      correlationId: commandId,
      actor: { kind: 'user', id: 'alice' },
      at: '2026-11-23T21:18:00.000Z',
    },
  }
}

/**
 * Runs `total` appends by `callers` callers, each writing streams of {@link PER_STREAM} events one event after the
 * other.
 */
const byCallers = async (
  callers: number,
  total: number,
  append: (stream: string, revision: number, event: NewEvent) => Promise<unknown>,
): Promise<void> => {
  const each = Math.ceil(total / callers)
  const caller = async (): Promise<void> => {
    let stream = ''
    for (let n = 0; n < each; n += 1) {
      if (n % PER_STREAM === 0) stream = `noted-${randomUUID()}`
      await append(stream, n % PER_STREAM, makeEvent(n))
    }
  }
  await Promise.all(Array.from({ length: callers }, caller))
}

const BARE_TABLE = `create table bare (
  position bigint generated always as identity primary key, stream text collate "C" not null, revision bigint not null,
  id uuid not null, type text collate "C" not null, data json not null, metadata json not null,
  recorded_at timestamptz not null default now(), unique (stream, revision))`

const bareOne = async (client: pg.Client, stream: string, revision: number, event: NewEvent) =>
  client.query({
    name: 'bare-one',
    text: 'insert into bare (stream, revision, id, type, data, metadata) values ($1, $2, $3, $4, $5, $6)',
    values: [
      stream,
      revision,
      event.id,
      event.type,
      JSON.stringify(event.data),
      JSON.stringify(event.metadata),
    ],
  })

const bareHundreds = async (client: pg.Client, total: number): Promise<void> => {
  for (let done = 0; done < total; done += 100) {
    const events = Array.from({ length: 100 }, (_, n) => makeEvent(n))
    const streams = Array.from({ length: 10 }, () => `noted-${randomUUID()}`)
    await client.query({
      name: 'bare-hundred',
      text: 'insert into bare (stream, revision, id, type, data, metadata) select * from unnest($1::text[], $2::bigint[], $3::uuid[], $4::text[], $5::json[], $6::json[])',
      values: [
        events.map((_, n) => streams[Math.floor(n / PER_STREAM)]),
        events.map((_, n) => n % PER_STREAM),
        events.map((event) => event.id),
        events.map((event) => event.type),
        events.map((event) => JSON.stringify(event.data)),
        events.map((event) => JSON.stringify(event.metadata)),
      ],
    })
  }
}

const ours = (store: EventStore) => (stream: string, revision: number, event: NewEvent) => {
  const expected: ExpectedRevision = revision === 0 ? NO_STREAM : BigInt(revision - 1)
  return store.append(stream, expected, [event])
}

const loadAndFold = async (store: EventStore, streams: readonly string[]): Promise<void> => {
  const decider = {
    initialState: () => 0,
    evolve: (sum: number, event: { readonly data: object }) => sum + Object.keys(event.data).length,
  }
  for (const stream of streams) fold(decider, await store.readStream(stream))
}

const dataDir = await mkdtemp(path.join(tmpdir(), 'portcullis-bench-'))
// As root the server runs under another user, who must get in.
await chmod(dataDir, 0o755)
const server = await startEmbeddedPostgres({
  dataDir,
  log: (line) => process.stderr.write(`${line}\n`),
})
try {
  const client = new pg.Client({ connectionString: server.url })
  await client.connect()
  await client.query(BARE_TABLE)
  const store = await createPostgresEventStore({
    url: server.url,
    codec: createCodec(eventSchemas, eventUpcasters),
  })
  const emmett = getPostgreSQLEventStore(await createDatabase(server.url, 'emmett'))
  const emmettAppend = (stream: string, revision: number, event: NewEvent) =>
    emmett.appendToStream(
      stream,
      [{ type: event.type, data: { ...event.data }, metadata: event.metadata }],
      {
        expectedStreamVersion: revision === 0 ? 'STREAM_DOES_NOT_EXIST' : BigInt(revision),
      },
    )

  const fifties = Array.from({ length: 100 }, (_, n) => `fifty-${n}`)
  for (const stream of fifties)
    await store.append(
      stream,
      NO_STREAM,
      Array.from({ length: 50 }, (_, n) => makeEvent(n)),
    )

  const appends = (
    name: string,
    callers: number,
    total: number,
    append: Parameters<typeof byCallers>[2],
  ): Contender => ({
    name,
    unit: 'events/s',
    run: () => perSecond(total, () => byCallers(callers, total, append)),
  })
  const contenders: readonly Contender[] = [
    appends('bare pg, one at a time', 1, 1_000, (...event) => bareOne(client, ...event)),
    appends('store, 1 caller', 1, 1_000, ours(store)),
    {
      name: 'bare pg, 100 a transaction',
      unit: 'events/s',
      run: () => perSecond(10_000, () => bareHundreds(client, 10_000)),
    },
    appends('store, 64 callers', 64, 9_600, ours(store)),
    appends('emmett-postgresql, 1 caller', 1, 300, emmettAppend),
    appends('emmett-postgresql, 16 callers', 16, 1_600, emmettAppend),
    appends('store, 16 callers', 16, 4_800, ours(store)),
    {
      name: 'load + fold, streams of 50',
      unit: 'streams/s',
      run: () => perSecond(fifties.length, () => loadAndFold(store, fifties)),
    },
  ]
  const measured = await takeTurns(contenders, ROUNDS)
  report('appends', contenders, measured, [
    { of: 'store, 1 caller', against: 'bare pg, one at a time', aim: 0.85 },
    { of: 'store, 64 callers', against: 'bare pg, 100 a transaction', aim: 0.5 },
    { of: 'store, 16 callers', against: 'emmett-postgresql, 16 callers', aim: 6 },
    { of: 'emmett-postgresql, 1 caller', against: 'bare pg, one at a time' },
  ])
  await store.close()
  await emmett.close()
  await client.end()
} finally {
  await server.stop()
  await rm(dataDir, { recursive: true, force: true })
}
