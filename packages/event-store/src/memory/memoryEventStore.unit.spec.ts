import { NO_STREAM } from '@portcullis/core'
import {
  contractEvent,
  contractEventSchemas,
  describeEventStoreContract,
} from '@portcullis/core/contracts'
import { expect, it } from 'vitest'
import { createCodec } from '../codec.ts'
import { createMemoryEventStore, createMemoryLog } from './memoryEventStore.ts'

const codec = createCodec(contractEventSchemas)

describeEventStoreContract('memory', async () => {
  const log = createMemoryLog()
  return {
    store: createMemoryEventStore({ codec, log }),
    another: async () => createMemoryEventStore({ codec, log }),
    stop: async () => {},
  }
})

it('hands out frozen events that the appended object has no part in', async () => {
  const store = createMemoryEventStore({ codec })
  const event = { ...contractEvent('s', 0), data: { n: 0 } }
  await store.append('s', NO_STREAM, [event])
  event.data.n = 7
  const [read] = await store.readStream('s')
  expect(read?.data).toEqual({ n: 0 })
  expect(() => Object.assign(read?.data ?? {}, { n: 1 })).toThrow(/read only/)
})

it('keeps a log when a store on it is closed', async () => {
  const log = createMemoryLog()
  const first = createMemoryEventStore({ codec, log })
  await first.append('s', NO_STREAM, [contractEvent('s', 0)])
  await first.close()
  await expect(first.append('s', 0n, [contractEvent('s', 1)])).rejects.toThrow(/closed/)
  expect(await createMemoryEventStore({ codec, log }).readStream('s')).toHaveLength(1)
})
