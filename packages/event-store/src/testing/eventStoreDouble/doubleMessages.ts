// A test tool, not EventStoreDB: its answers, as the messages that the client's own stubs read.
import shared from '@eventstore/db-client/generated/shared_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import type { DoubleEvent } from './doubleEvent.ts'
import type { DoubleAppend, Expected } from './doubleLog.ts'

const nameOf = (stream: string) => {
  const identifier = new shared.StreamIdentifier()
  identifier.setStreamName(Buffer.from(stream))
  return identifier
}

export const eventMessage = (event: DoubleEvent) => {
  const record = new streams.ReadResp.ReadEvent.RecordedEvent()
  const id = new shared.UUID()
  id.setString(event.id)
  record.setId(id)
  record.setStreamIdentifier(nameOf(event.stream))
  record.setStreamRevision(String(event.revision))
  record.setCommitPosition(String(event.position))
  record.setPreparePosition(String(event.position))
  const { data, metadata } = event.content()
  record.setData(data)
  record.setCustomMetadata(metadata)
  record.getMetadataMap().set('type', event.type)
  record.getMetadataMap().set('content-type', event.contentType)
  record.getMetadataMap().set('created', event.created)
  const read = new streams.ReadResp.ReadEvent()
  read.setEvent(record)
  read.setCommitPosition(String(event.position))
  const answer = new streams.ReadResp()
  answer.setEvent(read)
  return answer
}

export const confirmationMessage = (id: string) => {
  const confirmation = new streams.ReadResp.SubscriptionConfirmation()
  confirmation.setSubscriptionId(id)
  const answer = new streams.ReadResp()
  answer.setConfirmation(confirmation)
  return answer
}

export const checkpointMessage = (position: number) => {
  const checkpoint = new streams.ReadResp.Checkpoint()
  checkpoint.setCommitPosition(String(position))
  checkpoint.setPreparePosition(String(position))
  const answer = new streams.ReadResp()
  answer.setCheckpoint(checkpoint)
  return answer
}

export const caughtUpMessage = () => {
  const answer = new streams.ReadResp()
  answer.setCaughtUp(new streams.ReadResp.CaughtUp())
  return answer
}

export const notFoundMessage = (stream: string) => {
  const notFound = new streams.ReadResp.StreamNotFound()
  notFound.setStreamIdentifier(nameOf(stream))
  const answer = new streams.ReadResp()
  answer.setStreamNotFound(notFound)
  return answer
}

export const appendMessage = (result: DoubleAppend, expected: Expected) => {
  const answer = new streams.AppendResp()
  if (result.ok) {
    const position = new streams.AppendResp.Position()
    position.setCommitPosition(String(result.position))
    position.setPreparePosition(String(result.position))
    const success = new streams.AppendResp.Success()
    if (result.revision < 0) success.setNoStream(new shared.Empty())
    else success.setCurrentRevision(String(result.revision))
    success.setPosition(position)
    answer.setSuccess(success)
    return answer
  }
  const wrong = new streams.AppendResp.WrongExpectedVersion()
  if (result.current === undefined) wrong.setCurrentNoStream(new shared.Empty())
  else wrong.setCurrentRevision(String(result.current))
  if (typeof expected === 'number') wrong.setExpectedRevision(String(expected))
  else if (expected === 'no-stream') wrong.setExpectedNoStream(new shared.Empty())
  else if (expected === 'stream-exists') wrong.setExpectedStreamExists(new shared.Empty())
  else wrong.setExpectedAny(new shared.Empty())
  answer.setWrongExpectedVersion(wrong)
  return answer
}
