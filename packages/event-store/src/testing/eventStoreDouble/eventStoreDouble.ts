// A test tool, not EventStoreDB: one node that speaks its gRPC protocol, as far as the adapter uses it, for machines on
// which no server can be installed.
import { setTimeout as delay } from 'node:timers/promises'
import { ServerFeaturesService } from '@eventstore/db-client/generated/serverfeatures_grpc_pb.js'
import features from '@eventstore/db-client/generated/serverfeatures_pb.js'
import { StreamsService } from '@eventstore/db-client/generated/streams_grpc_pb.js'
import type { AppendReq, AppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import {
  type handleClientStreamingCall,
  type Metadata,
  Server,
  ServerCredentials,
  status,
  type UntypedServiceImplementation,
} from '@grpc/grpc-js'
import { answerAppend, failure } from './doubleAppends.ts'
import { answerBatchAppends, type BatchAppendCall } from './doubleBatchAppends.ts'
import { type DoubleFaults, noFaults } from './doubleFaults.ts'
import { createDoubleLog } from './doubleLog.ts'
import { answerRead, type ReadCall } from './doubleReads.ts'

export interface EventStoreDoubleOptions {
  /** Where events are kept, so that they outlive a restart; in memory only when absent. */
  readonly file?: string
  /** The same again after a restart; a free one when absent. */
  readonly port?: number
  /** PEM texts; without, the double speaks plain text and asks for no credentials. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** User and password that are asked for, where there is TLS. */
  readonly user?: {
    readonly name: string
    readonly password: string
    /** Where false: as a server whose `$all` only admins may read. */
    readonly mayReadAll?: boolean
  }
}

export interface EventStoreDouble {
  readonly port: number
  /** `esdb://…`, without credentials. */
  readonly url: string
  readonly faults: DoubleFaults
  /** How many appends came with a call each, and how many in calls that they share. */
  readonly appends: { readonly single: number; readonly shared: number }
  /** How many events reads, not subscriptions, have given out; may be set. */
  readonly events: { read: number }
  /** As a node that dies: every connection is cut, and nobody listens. Its events stay. */
  loseNode(): Promise<void>
  /** The node is back, at the same port. */
  returnNode(): Promise<void>
  close(): Promise<void>
}

const HOST = '127.0.0.1'

export const startEventStoreDouble = async (
  options: EventStoreDoubleOptions = {},
): Promise<EventStoreDouble> => {
  const log = createDoubleLog(options.file)
  const faults = noFaults()
  const appends = { single: 0, shared: 0 }
  const events = { read: 0 }
  let port = options.port ?? 0
  let server: Server | undefined
  let stopping = new AbortController()

  const allowed = (metadata: Metadata): boolean => {
    const { user } = options
    if (user === undefined) return true
    const wanted = `Basic ${Buffer.from(`${user.name}:${user.password}`).toString('base64')}`
    return metadata.get('authorization').some((given) => given.toString() === wanted)
  }
  const unauthorised = () => failure(status.UNAUTHENTICATED, 'wrong user or password')

  const read = async (call: ReadCall): Promise<void> => {
    const ended = new AbortController()
    call.on('cancelled', () => ended.abort())
    const signal = AbortSignal.any([ended.signal, stopping.signal])
    try {
      if (!allowed(call.metadata)) throw unauthorised()
      if (options.user?.mayReadAll === false && call.request.getOptions()?.hasAll() === true)
        throw failure(status.PERMISSION_DENIED, 'Access Denied', { exception: 'access-denied' })
      if (faults.delayMillis > 0) await delay(faults.delayMillis)
      await answerRead(call, log, faults, signal, () => {
        events.read += 1
      })
      call.end()
    } catch (error) {
      call.emit('error', error)
    }
  }

  const append: handleClientStreamingCall<AppendReq, AppendResp> = (call, answer) => {
    if (!allowed(call.metadata)) return answer(unauthorised())
    appends.single += 1
    answerAppend(call, log, faults, () => ({ host: HOST, port })).then(
      (message) => answer(null, message),
      (error) => answer(error),
    )
  }
  const batchAppend = async (call: BatchAppendCall): Promise<void> => {
    try {
      if (!allowed(call.metadata)) throw unauthorised()
      const self = () => ({ host: HOST, port })
      for await (const _answered of answerBatchAppends(call, log, faults, self)) appends.shared += 1
      call.end()
    } catch (error) {
      call.emit('error', error)
    }
  }
  // The adapter never asks for the rest; gRPC itself answers that it isn't there.
  const handlers: UntypedServiceImplementation = {
    read: (call: ReadCall) => void read(call),
    append,
    batchAppend: (call: BatchAppendCall) => void batchAppend(call),
  }

  const listen = async (): Promise<void> => {
    stopping = new AbortController()
    const listening = new Server({
      'grpc.max_receive_message_length': 17 * 1024 * 1024,
      // As Kestrel's connections: what is more waits without a word.
      'grpc.max_concurrent_streams': 100,
    })
    listening.addService(StreamsService, handlers)
    listening.addService(ServerFeaturesService, {
      getSupportedMethods: (_call: unknown, answer: (error: null, methods: object) => void) => {
        const methods = new features.SupportedMethods()
        methods.setEventStoreServerVersion('24.10.0-double')
        for (const name of ['read', 'append', 'batchappend']) {
          const method = new features.SupportedMethod()
          method.setServiceName('event_store.client.streams.streams')
          method.setMethodName(name)
          methods.addMethods(method)
        }
        answer(null, methods)
      },
    })
    const { tls } = options
    const credentials =
      tls === undefined
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
          ])
    port = await new Promise<number>((resolve, reject) =>
      listening.bindAsync(`${HOST}:${port}`, credentials, (error, bound) =>
        error === null ? resolve(bound) : reject(error),
      ),
    )
    server = listening
  }

  const loseNode = async (): Promise<void> => {
    stopping.abort()
    server?.forceShutdown()
    server = undefined
  }

  await listen()
  return {
    get port() {
      return port
    },
    get url() {
      return `esdb://${HOST}:${port}?tls=${options.tls === undefined ? 'false' : 'true'}`
    },
    faults,
    appends,
    events,
    loseNode,
    returnNode: listen,
    close: async () => {
      await loseNode()
      log.close()
    },
  }
}
