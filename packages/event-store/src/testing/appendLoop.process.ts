import { NO_STREAM } from '@portcullis/core'
import { contractEvent, contractEventSchemas } from '@portcullis/core/contracts'
import { createCodec } from '../codec.ts'
import { createPostgresEventStore } from '../postgres/postgresEventStore.ts'

/**
 * A process of the crash specs: appends until it is killed and prints a line for every append that was acknowledged.
 * Arguments: address of the database, a name for its streams, how many callers append side by side.
 */
const [, , url = '', name = '', callers = '1'] = process.argv
const store = await createPostgresEventStore({ url, codec: createCodec(contractEventSchemas) })

const caller = async (number: number): Promise<never> => {
  for (let life = 0; ; life += 1) {
    const stream = `${name}-${number}-${life}`
    let last: bigint | typeof NO_STREAM = NO_STREAM
    for (let n = 0; n < 20; n += 1) {
      const event = contractEvent(stream, n)
      const { position, revision } = await store.append(stream, last, [event])
      last = revision
      process.stdout.write(
        `${JSON.stringify([Number(position), stream, Number(revision), event.id])}\n`,
      )
    }
  }
}
await Promise.all(Array.from({ length: Number(callers) }, (_, number) => caller(number)))
