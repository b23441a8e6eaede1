import { randomBytes } from 'node:crypto'
import { contractEventSchemas, describeEventStoreContract } from '@portcullis/core/contracts'
import { createCodec } from '../codec.ts'
import { startEventStoreDouble } from '../testing/eventStoreDouble/eventStoreDouble.ts'
import { createEventStoreDbEventStore } from './eventStoreDbEventStore.ts'

const codec = createCodec(contractEventSchemas)
const { EVENTSTORE_URL } = process.env

/**
 * Against the server of EVENTSTORE_URL where that is set, whatever else it holds; against the double of its protocol
 * where it isn't.
 */
describeEventStoreContract(
  EVENTSTORE_URL === undefined ? 'EventStoreDB (double)' : 'EventStoreDB',
  async () => {
    const double = EVENTSTORE_URL === undefined ? await startEventStoreDouble() : undefined
    const url = EVENTSTORE_URL ?? double?.url ?? ''
    // A log of its own in a server that others use too.
    const streamPrefix = `contract_${randomBytes(6).toString('hex')}_`
    const open = () => createEventStoreDbEventStore({ url, codec, streamPrefix })
    return { store: await open(), another: open, stop: async () => double?.close() }
  },
)
