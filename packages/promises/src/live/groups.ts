import { parseGrantId } from '@portcullis/domain'

const ENTITLEMENT = 'entitlement-'
const GRANT = 'grant-'

/**
 * What is judged together: all of one subject, or one stream of another kind. `subject:<id>`, else the stream's name.
 */
export const groupOf = (stream: string): string => {
  if (stream.startsWith(ENTITLEMENT)) return `subject:${stream.slice(stream.indexOf('.') + 1)}`
  if (stream.startsWith(GRANT))
    return `subject:${parseGrantId(stream.slice(GRANT.length))?.subjectId ?? ''}`
  return stream
}

/** The package of an entitlement's stream; undefined for other streams. */
export const packageOf = (stream: string): string | undefined =>
  stream.startsWith(ENTITLEMENT) ? stream.slice(ENTITLEMENT.length, stream.indexOf('.')) : undefined
