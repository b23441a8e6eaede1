import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import { StreamsClient } from '@eventstore/db-client/generated/streams_grpc_pb.js'
import streams from '@eventstore/db-client/generated/streams_pb.js'
import { credentials } from '@grpc/grpc-js'
import { NO_STREAM } from '@portcullis/core'
import { contractEventSchemas, contractEvents } from '@portcullis/core/contracts'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { createCodec } from '../../codec.ts'
import { createEventStoreDbEventStore } from '../../eventstoredb/eventStoreDbEventStore.ts'
import { type EventStoreDouble, startEventStoreDouble } from './eventStoreDouble.ts'

let double: EventStoreDouble
beforeEach(async () => {
  double = await startEventStoreDouble()
})
afterEach(() => double.close())

/** The beginning of an append to a stream that isn't there: its options, and the first of its events. */
const beginning = (stream: string): readonly streams.AppendReq[] => {
  const name = new shared.StreamIdentifier()
  name.setStreamName(Buffer.from(stream).toString('base64'))
  const options = new streams.AppendReq.Options()
  options.setStreamIdentifier(name)
  options.setNoStream(new shared.Empty())
  const first = new streams.AppendReq()
  first.setOptions(options)
  const id = new shared.UUID()
  id.setString(crypto.randomUUID())
  const proposed = new streams.AppendReq.ProposedMessage()
  proposed.setId(id)
  proposed.getMetadataMap().set('type', 'Counted.v1').set('content-type', 'application/json')
  proposed.setData(Buffer.from('{"n":0}').toString('base64'))
  const second = new streams.AppendReq()
  second.setProposedMessage(proposed)
  return [first, second]
}

/** A line to the double that can be cut. */
const openLine = async () => {
  const cut = Promise.withResolvers<void>()
  const cutOff = Promise.withResolvers<void>()
  const server = createServer((client) => {
    const target = connect(double.port, '127.0.0.1')
    for (const socket of [client, target]) socket.on('error', () => {})
    client.on('data', (data) => target.write(data))
    target.on('data', (data) => client.write(data))
    target.on('close', () => cutOff.resolve())
    cut.promise.then(() => {
      // As the system ends the connections of a process that was killed: what was sent arrives.
      target.end()
      client.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  return {
    port,
    cut: (): Promise<void> => {
      cut.resolve()
      return cutOff.promise
    },
  }
}

it('writes nothing of an append whose sender dies in the middle', async () => {
  const line = await openLine()
  const client = new StreamsClient(`127.0.0.1:${line.port}`, credentials.createInsecure())
  onTestFinished(() => client.close())
  const call = client.append(() => {})
  call.on('error', () => {})
  for (const message of beginning('a'))
    await new Promise<void>((resolve) => {
      call.write(message, () => resolve())
    })
  const store = await createEventStoreDbEventStore({
    url: double.url,
    codec: createCodec(contractEventSchemas),
    categories: ['a'],
  })
  onTestFinished(() => store.close())
  await line.cut()
  await turn()
  // Others find no stream there.
  expect(await store.append('a', NO_STREAM, contractEvents('a', 0, 2))).toMatchObject({
    revision: 2n,
    repeated: false,
  })
})
