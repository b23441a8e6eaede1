import { ConnectorError } from '../connector.ts'
import { AnswerTooLarge } from '../http/answerText.ts'
import { type ScimHttp, ScimRefusal } from './scimHttp.ts'
import { scimVersionSchema } from './scimMessages.ts'

/** Changes one resource. */
export type ScimPatch = (request: {
  /** Such as `/Groups/<id>`, encoded. */
  readonly path: string
  readonly body: object
  readonly signal: AbortSignal
}) => Promise<void>

/** How often somebody else may be quicker, before we leave it for later. */
const TRIES = 10

/**
 * PATCH, where the service offers versions only of the version that was seen right before (RFC 7644 §3.14): services that change a
 * resource by reading and writing it would otherwise lose what another change did meanwhile. Our own changes of one resource wait for each other.
 * The returned function throws what the exchange throws: a ScimRefusal of 412 when others were quicker each time.
 */
export const createScimPatch = (http: ScimHttp): ScimPatch => {
  /** Which kinds of resource have versions; unknown before the first look. */
  const versioned = new Map<string, boolean>()
  const queues = new Map<string, Promise<unknown>>()

  const versionOf = async (path: string, signal: AbortSignal): Promise<string | undefined> => {
    const kind = kindOf(path)
    if (versioned.get(kind) === false) return undefined
    try {
      // Without the members: of a large group only this is wanted.
      const answer = await http({ method: 'GET', path: `${path}?attributes=id,meta`, signal })
      // Not the header ETag: frameworks make one up of the answer's text.
      const version = scimVersionSchema.safeParse(answer.body).data?.meta?.version
      versioned.set(kind, version != null)
      return version ?? undefined
    } catch (error) {
      const gone = error instanceof ScimRefusal && error.status === 404
      if (gone || !(error instanceof ScimRefusal || error instanceof AnswerTooLarge)) throw error
      // It can't be asked like that, so it isn't: the change itself tells what is wrong, if anything is.
      return undefined
    }
  }

  const patch: ScimPatch = async ({ path, body, signal }) => {
    for (let left = TRIES; ; left -= 1) {
      const version = await versionOf(path, signal)
      try {
        const ifMatch = version === undefined ? {} : { ifMatch: version }
        await http({ method: 'PATCH', path, body, signal, ...ifMatch })
        return
      } catch (error) {
        const outrun = error instanceof ScimRefusal && error.status === 412
        if (!outrun || version === undefined || left === 1) throw error
      }
    }
  }

  return async (request) => {
    const { path, signal } = request
    if (versioned.get(kindOf(path)) === false) return await patch(request)
    const previous = queues.get(path) ?? Promise.resolve()
    const mine = previous.then(() => {
      signal.throwIfAborted()
      return patch(request)
    })
    const settled = mine.catch(() => {})
    queues.set(path, settled)
    try {
      await mine
    } finally {
      if (queues.get(path) === settled) queues.delete(path)
    }
  }
}

/** `/Groups` of `/Groups/<id>`. */
const kindOf = (path: string): string => path.slice(0, path.lastIndexOf('/'))

/** 409 and 412 say that somebody else changed the resource: the next try may do. */
export const refused = (code: string, error: ScimRefusal): ConnectorError =>
  new ConnectorError(code, error.message, {
    transient: error.status === 409 || error.status === 412,
  })

export const asConnectorError = (code: string, error: unknown): unknown => {
  if (error instanceof ScimRefusal) return refused(code, error)
  if (error instanceof AnswerTooLarge)
    return new ConnectorError(code, error.message, { transient: false })
  return error
}
