// A test tool, not EventStoreDB: appends.
import { setTimeout as delay, setImmediate as turn } from 'node:timers/promises'
import type {
  AppendReq,
  AppendResp,
  BatchAppendReq,
} from '@eventstore/db-client/generated/streams_pb.js'
import { Metadata, type ServerReadableStream, status } from '@grpc/grpc-js'
import type { ProposedEvent } from './doubleEvent.ts'
import { type DoubleFaults, faultsOfAppend } from './doubleFaults.ts'
import type { DoubleLog, Expected } from './doubleLog.ts'
import { appendMessage } from './doubleMessages.ts'

export const MAX_APPEND_BYTES = 1024 * 1024

/** Answers one append. @throws ServiceError-like objects for what a server refuses */
export const answerAppend = async (
  call: ServerReadableStream<AppendReq, AppendResp>,
  log: DoubleLog,
  all: DoubleFaults,
  self: () => { readonly host: string; readonly port: number },
): Promise<AppendResp> => {
  let stream = ''
  let expected: Expected = 'any'
  const events: ProposedEvent[] = []
  for await (const message of call as AsyncIterable<AppendReq>) {
    const options = message.getOptions()
    if (options !== undefined) {
      stream = Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString()
      expected = expectedOf(options)
    }
    const event = message.getProposedMessage()
    if (event !== undefined) events.push(proposed(event))
  }
  // The messages of a sender that dies end like those of one that is done; that it is gone is told a moment later.
  // Nothing of a broken-off append is written.
  await turn()
  if (call.cancelled) throw failure(status.CANCELLED, 'the sender is gone')
  const faults = faultsOfAppend(all)
  if (faults.delayMillis > 0) await delay(faults.delayMillis)
  if (faults.refuseAppends > 0) {
    faults.refuseAppends -= 1
    throw failure(status.UNAVAILABLE, 'the node is not ready')
  }
  if (faults.notLeader > 0) {
    faults.notLeader -= 1
    throw notLeader(self())
  }
  if (sizeOf(events) > MAX_APPEND_BYTES)
    throw failure(status.INVALID_ARGUMENT, 'append too large', {
      exception: 'maximum-append-size-exceeded',
      'maximum-append-size': String(MAX_APPEND_BYTES),
    })
  const result = log.append(stream, expected, events)
  if (result.ok && result.repeated && faults.slowRepeats > 0) {
    faults.slowRepeats -= 1
    throw failure(status.ABORTED, 'Operation timed out: the write was not confirmed in time')
  }
  const answer = appendMessage(result, expected)
  if (faults.dropAfterCommit > 0) {
    faults.dropAfterCommit -= 1
    throw failure(status.UNAVAILABLE, 'the connection was lost')
  }
  return answer
}

export const proposed = (
  message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage,
): ProposedEvent => ({
  id: message.getId()?.getString() ?? '',
  type: message.getMetadataMap().get('type') ?? '',
  contentType: message.getMetadataMap().get('content-type') ?? '',
  data: base64(message.getData_asU8()),
  metadata: base64(message.getCustomMetadata_asU8()),
})

const base64 = ({ buffer, byteOffset, byteLength }: Uint8Array): string =>
  Buffer.from(buffer, byteOffset, byteLength).toString('base64')

export const sizeOf = (events: readonly ProposedEvent[]): number =>
  events.reduce((sum, event) => sum + Buffer.byteLength(event.data, 'base64'), 0)

const expectedOf = (options: AppendReq.Options): Expected => {
  if (options.hasNoStream()) return 'no-stream'
  if (options.hasAny()) return 'any'
  if (options.hasStreamExists()) return 'stream-exists'
  return Number(options.getRevision())
}

/** An error as gRPC sends it, with what a server puts into the trailers. */
export const failure = (
  code: status,
  details: string,
  trailers: Readonly<Record<string, string>> = {},
) => {
  const metadata = new Metadata()
  for (const [name, value] of Object.entries(trailers)) metadata.set(name, value)
  return Object.assign(new Error(details), { code, details, metadata })
}

export const notLeader = ({ host, port }: { readonly host: string; readonly port: number }) =>
  failure(status.NOT_FOUND, 'not the leader', {
    exception: 'not-leader',
    'leader-endpoint-host': host,
    'leader-endpoint-port': String(port),
  })
