// Sends commands to the API in a process of its own, so that its work isn't the API's.
import { createHttpClient } from '../commands/httpClient.ts'

/** What is to be sent: each is a request and its approval by somebody else. */
export interface Load {
  /** Of the api processes; callers are spread over them. */
  readonly urls: readonly string[]
  readonly callers: number
  readonly cases: readonly {
    readonly packageId: string
    readonly requestId: string
    readonly subjectToken: string
    readonly approverToken: string
  }[]
}

const send = async ({ urls, callers, cases }: Load): Promise<number> => {
  const clients = urls.map((url) => createHttpClient(url, Math.ceil(callers / urls.length)))
  const left = cases.values()
  const begun = performance.now()
  await Promise.all(
    Array.from({ length: callers }, async (_, caller) => {
      const client = clients[caller % clients.length]
      if (client === undefined) throw new Error('there is no API')
      for (const { packageId, requestId, subjectToken, approverToken } of left) {
        const justification = 'Needed for the launch of the new catalogue next month.'
        await client.post(`/v1/access-packages/${packageId}/requests`, subjectToken, {
          justification,
        })
        await client.post(`/v1/requests/${requestId}/approve`, approverToken, {})
      }
    }),
  )
  const millis = performance.now() - begun
  for (const client of clients) client.close()
  return millis
}

process.on('message', async (load: Load) => {
  process.send?.({ millis: await send(load) })
})
process.once('disconnect', () => process.exit())
process.send?.('ready')
