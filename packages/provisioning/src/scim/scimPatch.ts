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

/** Where a kind of resource has its versions; `none`: it has none, as far as is known. */
type Versions = 'none' | 'meta' | 'header'

/** What was read of a resource's version, and how. */
interface Seen {
  readonly version: string | undefined
  readonly by: Versions
  /** From the whole resource, not from a short answer. */
  readonly inWhole: boolean
}

/**
 * PATCH, where the service has versions only of the version that was seen right before (RFC 7644 §3.14): services that
 * change a resource by reading and writing it would otherwise lose what another change did meanwhile. Our own changes
 * of one resource wait for each other.
 * The version is `meta.version`. Where there is none, the header `ETag` counts, but only once the service has asked for
 * a version (428, or 412 to a change that named none): frameworks make such a header up of the answer's text.
 * The returned function throws what the exchange throws: a ScimRefusal of 412 when others were quicker each time; and
 * ConnectorError `scim.version-unknown` (lasting) when the service asks for a version and says none.
 */
export const createScimPatch = (http: ScimHttp): ScimPatch => {
  /** By kind of resource; unknown before the first look. */
  const versioned = new Map<string, Versions>()
  /** Kinds whose versions are only those of whole resources. */
  const whole = new Set<string>()
  const queues = new Map<string, Promise<unknown>>()

  const versionOf = async (path: string, signal: AbortSignal): Promise<Seen> => {
    const kind = kindOf(path)
    const known = versioned.get(kind)
    const inWhole = whole.has(kind)
    const unseen: Seen = { version: undefined, by: known ?? 'none', inWhole }
    if (known === 'none') return unseen
    try {
      // Without the members: of a large group only this is wanted.
      const asked = inWhole ? path : `${path}?attributes=id,meta`
      const { body, etag } = await http({ method: 'GET', path: asked, signal })
      if (known === 'header') return { version: etag || undefined, by: 'header', inWhole }
      const version = scimVersionSchema.safeParse(body).data?.meta?.version || undefined
      const by = version === undefined ? 'none' : 'meta'
      versioned.set(kind, by)
      return { version, by, inWhole }
    } catch (error) {
      const gone = error instanceof ScimRefusal && error.status === 404
      if (gone || !(error instanceof ScimRefusal || error instanceof AnswerTooLarge)) throw error
      // It can't be asked like that, so it isn't: the change itself tells what is wrong, if anything is.
      return unseen
    }
  }

  /**
   * After a refusal for the version that was named, or for none: what to do differently the next time. Several may find
   * out side by side.
   * @param again the version that was named is the one that was refused before
   */
  const learn = (kind: string, { version, by, inWhole }: Seen, again: boolean): void => {
    // Somebody else was quicker: the new version will do.
    if (version !== undefined && !again) return
    if (by !== 'header') versioned.set(kind, 'header')
    else if (!inWhole) whole.add(kind)
    else if (version === undefined) throw versionUnknown()
  }

  const patch: ScimPatch = async ({ path, body, signal }) => {
    let before: string | undefined
    for (let left = TRIES; ; left -= 1) {
      const seen = await versionOf(path, signal)
      const { version } = seen
      try {
        const ifMatch = version === undefined ? {} : { ifMatch: version }
        await http({ method: 'PATCH', path, body, signal, ...ifMatch })
        return
      } catch (error) {
        const outrun = error instanceof ScimRefusal && [412, 428].includes(error.status)
        if (!outrun || left === 1) throw error
        learn(kindOf(path), seen, version === before)
        before = version
      }
    }
  }

  return async (request) => {
    const { path, signal } = request
    if (versioned.get(kindOf(path)) === 'none') return await patch(request)
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

const versionUnknown = (): ConnectorError =>
  new ConnectorError(
    'scim.version-unknown',
    'the target changes only what is named in its version (If-Match), and tells the version neither as meta.version nor as ETag',
    { transient: false },
  )

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
