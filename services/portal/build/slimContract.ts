// What the pages need of the API's contract while they run: how each operation is called. The schemas, and zod with
// them, are half of the bundle, and would check answers of the very server that made them; types check them at build
// time as everywhere.
import {
  allOperations,
  CSRF_HEADER,
  CSRF_REFUSED,
  isPaged,
  PROBLEM_MEDIA_TYPE,
  SESSION_PATH,
} from '@portcullis/api-contract'
import type { Plugin } from 'vite'

const NAME = '@portcullis/api-contract'
const RESOLVED = `\0${NAME}`

/** Vite's plugin that puts the slim contract in place of the whole one; a name that it lacks fails the build. */
export const slimContract = (): Plugin => ({
  name: 'slim-contract',
  enforce: 'pre',
  resolveId: (source: string) => (source === NAME ? RESOLVED : undefined),
  load: (id: string) => (id === RESOLVED ? slimSource() : undefined),
})

/** The source of the module that takes the contract's place. */
export const slimSource = (): string => `
const table = ${JSON.stringify(
  allOperations.map((operation) => [
    operation.id,
    operation.method,
    operation.path,
    operation.kind,
    isPaged(operation) ? 1 : 0,
  ]),
)}
export const allOperations = table.map(([id, method, path, kind, paged]) => ({ id, method, path, kind, paged }))
export const operations = Object.fromEntries(allOperations.map((each) => [each.id, each]))
export const isPaged = ({ paged }) => paged === 1
export const PROBLEM_MEDIA_TYPE = ${JSON.stringify(PROBLEM_MEDIA_TYPE)}
export const SESSION_PATH = ${JSON.stringify(SESSION_PATH)}
export const CSRF_HEADER = ${JSON.stringify(CSRF_HEADER)}
export const CSRF_REFUSED = ${JSON.stringify(CSRF_REFUSED)}
const asked = (value, ...fields) => {
  const complete = typeof value === 'object' && value !== null && fields.every((field) => field in value)
  return complete ? { success: true, data: value } : { success: false }
}
const schema = (...fields) => ({
  safeParse: (value) => asked(value, ...fields),
  parse: (value) => {
    const { success, data } = asked(value, ...fields)
    if (!success) throw new TypeError('the answer lacks one of ' + fields.join(', '))
    return data
  },
})
export const problemSchema = schema('status', 'code', 'detail', 'requestId')
export const anyPageSchema = schema('items', 'next')
export const sessionAnswerSchema = schema('me', 'session', 'csrfToken')
`
