import { once } from 'node:events'
import { get, type IncomingMessage } from 'node:http'
import { operations } from '@portcullis/api-contract'
import type { Application, AssignmentLine } from '@portcullis/engine'
import { afterEach, describe, expect, it } from 'vitest'
import { fakeApplication } from '../testing/fakeApplication.ts'
import { testApi } from '../testing/testApi.ts'

const PAGE = 1000
const line: AssignmentLine = {
  ...operations.getAssignment.example.answer,
  subjectName: 'x'.repeat(1000),
  subjectEmail: null,
  packageName: null,
  policyName: null,
  roleIds: [],
  roleNames: [],
  missingRoles: [],
}
const page = Array.from({ length: PAGE }, () => line)

/** Pages of about 1 MB, as many as are asked for. */
const endless = (pages: number, failAfter = Number.POSITIVE_INFINITY) => {
  const stopped = Promise.withResolvers<number>()
  let given = 0
  const assignmentLines: Application['assignmentLines'] = async function* () {
    try {
      while (given < pages) {
        if (given === failAfter) throw new Error('the database went away')
        given += 1
        yield page
      }
    } finally {
      stopped.resolve(given)
    }
  }
  return {
    application: fakeApplication({ assignmentLines }),
    given: () => given,
    stopped: stopped.promise,
  }
}

describe('a download over a real socket', () => {
  let api: ReturnType<typeof testApi> | undefined
  afterEach(() => api?.close())

  const open = async (application: Application): Promise<IncomingMessage> => {
    api = testApi(application)
    await api.listen({ host: '127.0.0.1', port: 0 })
    const address = api.server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    const sent = get({
      port,
      host: '127.0.0.1',
      path: '/v1/assignments.csv',
      headers: { authorization: 'user alice' },
    })
    const [answer] = await once(sent, 'response')
    return answer
  }

  it('comes whole, line by line', async () => {
    const { application } = endless(20)
    const answer = await open(application)
    let text = ''
    for await (const part of answer.setEncoding('utf8')) text += part
    expect(answer.complete).toBe(true)
    expect(text.split('\r\n')).toHaveLength(20 * PAGE + 2)
  })

  it('is asked for only as the client reads, and no more once the client has gone', async () => {
    const PAGES = 200
    const { application, given, stopped } = endless(PAGES)
    const answer = await open(application)
    await once(answer, 'readable')
    answer.read(1)
    answer.destroy()
    expect(await stopped).toBeLessThan(PAGES / 2)
    expect(given()).toBeLessThan(PAGES / 2)
  })

  it('breaks visibly where an error comes in the middle: no short file looks whole', async () => {
    const { application, stopped } = endless(200, 20)
    const answer = await open(application)
    expect(answer.statusCode).toBe(200)
    const read = async () => {
      for await (const _part of answer);
    }
    await expect(read()).rejects.toThrow('aborted')
    expect(answer.complete).toBe(false)
    expect(await stopped).toBe(20)
  })
})
