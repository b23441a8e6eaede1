import { fakeApplication } from './fakeApplication.ts'
import { testApi } from './testApi.ts'

/** The command id of every command that {@link send} sends. */
export const KEY = '2f1e7a52-5b0e-4b9e-8d0c-6a5f0f3d9c11'

/** Sends one command to an API of its own, as user alice unless told otherwise. */
export const send = async (
  method: 'POST' | 'PUT' | 'PATCH' | 'DELETE',
  url: string,
  body?: object,
  headers: Record<string, string> = {},
) => {
  const application = fakeApplication()
  const answer = await testApi(application).inject({
    method,
    url,
    headers: { authorization: 'user alice', 'idempotency-key': KEY, ...headers },
    ...(body === undefined ? {} : { payload: body }),
  })
  return { answer, body: answer.json(), sent: application.sent }
}
