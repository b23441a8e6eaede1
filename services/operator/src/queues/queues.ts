import { EXIT } from '@portcullis/runtime'
import { z } from 'zod'
import { type ClientFlags, reach } from '../cli/client.ts'
import { CommandFailed, type Output } from '../cli/output.ts'

const linkSchema = z.object({ path: z.string().startsWith('/'), goodForSeconds: z.number() })
const problemSchema = z.object({ detail: z.string(), code: z.string() })

/** Prints a link to the queues for a browser. Not an operation of the API's contract: what it leads to is a page. */
export const openQueues = async (flags: ClientFlags, output: Output): Promise<void> => {
  const { url, token } = await reach(flags)
  const response = await fetch(`${url}/queues/links`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}` },
  }).catch(() => {
    throw new CommandFailed(
      `nothing answers at ${url}; start the engine first (npm start), or name its address with --url`,
      EXIT.unreachable,
    )
  })
  const body: unknown = await response.json().catch(() => undefined)
  if (response.status === 404)
    throw new CommandFailed(
      'this API shows no queues; start it with PORTCULLIS_QUEUE_BOARD=on',
      EXIT.failed,
    )
  if (!response.ok) {
    const problem = problemSchema.safeParse(body)
    throw new CommandFailed(
      problem.success
        ? `${problem.data.detail} (${response.status}, ${problem.data.code})`
        : `${url} answered ${response.status}`,
      EXIT.failed,
      problem.success ? problem.data : {},
    )
  }
  const { path, goodForSeconds } = linkSchema.parse(body)
  const link = `${url}${path}`
  await output.print(
    `${link}\nOpen it in a browser within ${goodForSeconds} seconds; it works once.`,
    { url: link, goodForSeconds },
  )
}
