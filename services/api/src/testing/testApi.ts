import type { Application } from '@portcullis/engine'
import type { Authentication, Authenticator } from '../authentication/authenticator.ts'
import { type ApiOptions, createApi } from '../createApi.ts'
import { createLogger } from '../logger.ts'
import { fakeApplication } from './fakeApplication.ts'
import { fakeMonitor } from './fakeMonitor.ts'

/** `user alice` or `service hr UserAdministrator` instead of a signed token. */
export const plainAuthenticator: Authenticator = {
  authenticate: async (authorization): Promise<Authentication> => {
    const [kind, id, ...roles] = (authorization ?? '').split(' ')
    if ((kind !== 'user' && kind !== 'service') || id === undefined) {
      return authorization === undefined
        ? { ok: false, error: 'missing', message: 'send a token' }
        : { ok: false, error: 'malformed', message: 'not a "token"' }
    }
    const directoryRoles = roles.filter((role) => role === 'UserAdministrator')
    return { ok: true, actor: { kind, id }, directoryRoles, claims: {} }
  },
}

/** The API over a fake application, at a clock that stands still. */
export const testApi = (
  application: Application = fakeApplication(),
  options: Partial<ApiOptions> = {},
) =>
  createApi({
    application,
    authenticator: plainAuthenticator,
    logger: createLogger('silent'),
    monitor: fakeMonitor(),
    clock: { now: () => '2026-11-23T21:18:00.000Z' },
    baseUrl: 'http://localhost:8080',
    version: '0.1.0',
    zone: 'Europe/Berlin',
    ...options,
  })
