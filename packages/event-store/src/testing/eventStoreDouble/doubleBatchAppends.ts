// A test tool, not EventStoreDB: appends that share one call, taken in the order in which they come
// (Streams.BatchAppend.cs of 24.10).
import { setTimeout as delay } from 'node:timers/promises'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import statuses from '@eventstore/db-client/generated/status_pb.js'
import type { BatchAppendReq, BatchAppendResp } from '@eventstore/db-client/generated/streams_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { type ServerDuplexStream, status } from '@grpc/grpc-js'
import any from 'google-protobuf/google/protobuf/any_pb.js'
import empty from 'google-protobuf/google/protobuf/empty_pb.js'
import { failure, MAX_APPEND_BYTES, notLeader, proposed, sizeOf } from './doubleAppends.ts'
import type { ProposedEvent } from './doubleEvent.ts'
import { type DoubleFaults, faultsOfAppend } from './doubleFaults.ts'
import type { DoubleAppend, DoubleLog, Expected } from './doubleLog.ts'

export type BatchAppendCall = ServerDuplexStream<BatchAppendReq, BatchAppendResp>

interface Unfinished {
  readonly stream: string
  readonly expected: Expected
  readonly events: ProposedEvent[]
}

/**
 * Answers appends until the caller ends, one for each turn.
 * @throws ServiceError-like objects for what ends the call; what is still to come of it is not looked at
 */
export async function* answerBatchAppends(
  call: BatchAppendCall,
  log: DoubleLog,
  all: DoubleFaults,
  self: () => { readonly host: string; readonly port: number },
): AsyncGenerator<void> {
  const unfinished = new Map<string, Unfinished>()
  // Not destroyed by what is thrown here: the caller is told of it.
  const messages: AsyncIterable<BatchAppendReq> = call.iterator({ destroyOnReturn: false })
  for await (const message of messages) {
    const id = message.getCorrelationId()?.getString() ?? ''
    const options = message.getOptions()
    const append = options === undefined ? unfinished.get(id) : begun(options)
    if (append === undefined) continue
    append.events.push(...message.getProposedMessagesList().map(proposed))
    if (!message.getIsFinal()) {
      unfinished.set(id, append)
      continue
    }
    unfinished.delete(id)
    const faults = faultsOfAppend(all)
    if (faults.delayMillis > 0) await delay(faults.delayMillis)
    if (faults.notLeader > 0) {
      faults.notLeader -= 1
      throw notLeader(self())
    }
    const answer = new streams.BatchAppendResp()
    answer.setCorrelationId(message.getCorrelationId())
    const name = new shared.StreamIdentifier()
    name.setStreamName(Buffer.from(append.stream))
    answer.setStreamIdentifier(name)
    answerTo(answer, append, log, faults)
    if (faults.dropAfterCommit > 0) {
      faults.dropAfterCommit -= 1
      throw failure(status.UNAVAILABLE, 'the connection was lost')
    }
    call.write(answer)
    yield
  }
}

const begun = (options: BatchAppendReq.Options): Unfinished => ({
  stream: Buffer.from(options.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
  expected: expectedOf(options),
  events: [],
})

const expectedOf = (options: BatchAppendReq.Options): Expected => {
  if (options.hasNoStream()) return 'no-stream'
  if (options.hasAny()) return 'any'
  if (options.hasStreamExists()) return 'stream-exists'
  return Number(options.getStreamPosition())
}

const answerTo = (
  answer: BatchAppendResp,
  { stream, expected, events }: Unfinished,
  log: DoubleLog,
  faults: DoubleFaults,
): void => {
  if (faults.refuseAppends > 0) {
    faults.refuseAppends -= 1
    answer.setError(refusal('Server Is Not Ready', 'google.protobuf.Empty', new empty.Empty()))
    return
  }
  if (sizeOf(events) > MAX_APPEND_BYTES) {
    const tooLarge = new shared.MaximumAppendSizeExceeded()
    tooLarge.setMaxappendsize(MAX_APPEND_BYTES)
    const type = 'event_store.client.MaximumAppendSizeExceeded'
    answer.setError(refusal('append too large', type, tooLarge))
    return
  }
  const result = log.append(stream, expected, events)
  if (result.ok) answer.setSuccess(success(result))
  else answer.setError(wrongVersion(result.current, expected))
}

const success = ({ position, revision }: DoubleAppend & { ok: true }) => {
  const at = new shared.AllStreamPosition()
  at.setCommitPosition(String(position))
  at.setPreparePosition(String(position))
  const taken = new streams.BatchAppendResp.Success()
  if (revision < 0) taken.setNoStream(new empty.Empty())
  else taken.setCurrentRevision(String(revision))
  taken.setPosition(at)
  return taken
}

const wrongVersion = (current: number | undefined, expected: Expected) => {
  const wrong = new shared.WrongExpectedVersion()
  if (current === undefined) wrong.setCurrentNoStream(new empty.Empty())
  else wrong.setCurrentStreamRevision(String(current))
  if (typeof expected === 'number') wrong.setExpectedStreamPosition(String(expected))
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new empty.Empty())
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new empty.Empty())
  else wrong.setExpectedAny(new empty.Empty())
  return refusal('wrong version', 'event_store.client.WrongExpectedVersion', wrong)
}

const refusal = (
  message: string,
  type: string,
  details: { serializeBinary(): Uint8Array },
): InstanceType<typeof statuses.Status> => {
  const packed = new any.Any()
  packed.pack(details.serializeBinary(), type)
  const refused = new statuses.Status()
  refused.setMessage(message)
  refused.setDetails(packed)
  return refused
}
