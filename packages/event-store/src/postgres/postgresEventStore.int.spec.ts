import { contractEventSchemas, describeEventStoreContract } from '@portcullis/core/contracts'
import { testDatabase } from '@portcullis/postgres/testing'
import { createCodec } from '../codec.ts'
import { createPostgresEventStore } from './postgresEventStore.ts'

const codec = createCodec(contractEventSchemas)

describeEventStoreContract('PostgreSQL', async () => {
  const database = await testDatabase()
  const open = () => createPostgresEventStore({ url: database.url, codec })
  return { store: await open(), another: open, stop: () => database.close() }
})
