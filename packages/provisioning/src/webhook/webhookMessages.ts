import type { Instant } from '@portcullis/core'
import { fulfilmentId, grantId } from '@portcullis/domain'
import { z } from 'zod'
import type { Access } from '../connector.ts'

// The bodies that receivers get: `type`, `timestamp` and `data`, as Standard Webhooks recommends. Receivers pass over
// fields that they don't know.

const accessOf = ({ resource, role, subject }: Access): object => ({ resource, role, subject })

/** An order to grant or to revoke. `callbackBase`: the address of our API, without a slash at the end. */
export const orderMessage = (
  operation: 'grant' | 'revoke',
  access: Access,
  operationId: string,
  at: Instant,
  callbackBase: string,
): { readonly id: string; readonly payload: object } => {
  const { resource, role, subject } = access
  const fulfilment = fulfilmentId(grantId(resource.id, role.id, subject.id), operationId)
  return {
    id: `${operationId}_${operation}`,
    payload: {
      type: `access.${operation}`,
      timestamp: at,
      data: {
        operationId,
        fulfilmentId: fulfilment,
        ...accessOf(access),
        callbackUrl: `${callbackBase}/v1/callbacks/${fulfilment}`,
      },
    },
  }
}

export const readMessage = (access: Access, at: Instant): object => ({
  type: 'access.read',
  timestamp: at,
  data: accessOf(access),
})

export const probeMessage = (connector: string, at: Instant): object => ({
  type: 'connector.probe',
  timestamp: at,
  data: { connector },
})

/** What answers `access.read`. */
export const readAnswerSchema = z.object({ present: z.boolean() })
