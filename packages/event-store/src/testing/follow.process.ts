import { contractEventSchemas } from '@portcullis/core/contracts'
import { createCodec } from '../codec.ts'
import { createPostgresEventStore } from '../postgres/postgresEventStore.ts'

/**
 * A process of the crash specs: follows the log until it is killed and prints a line for every event. Argument: address
 * of the database.
 */
const [, , url = ''] = process.argv
const store = await createPostgresEventStore({ url, codec: createCodec(contractEventSchemas) })
const subscription = store.subscribe({
  after: 0n,
  batchSize: 50,
  signal: new AbortController().signal,
})
for await (const batch of subscription)
  for (const event of batch.events)
    process.stdout.write(
      `${JSON.stringify([Number(event.position), event.stream, Number(event.revision), event.id])}\n`,
    )
