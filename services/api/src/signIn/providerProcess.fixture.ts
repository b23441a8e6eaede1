import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import process from 'node:process'
import { Provider } from 'oidc-provider'
import { z } from 'zod'

// A real OpenID Connect provider in a process of its own. Whoever comes to its sign-in page is the person whom the
// header `x-account` names.

const { baseUrl, clientId, clientSecret, accounts } = z
  .object({
    baseUrl: z.string(),
    clientId: z.string(),
    clientSecret: z.string(),
    accounts: z.record(z.string(), z.record(z.string(), z.unknown())),
  })
  .parse(JSON.parse(process.argv[2] ?? ''))

const server = createServer()
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const provider = new Provider(issuer, {
  clients: [
    {
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [`${baseUrl}/auth/callback`],
      post_logout_redirect_uris: [`${baseUrl}/`],
      backchannel_logout_uri: `${baseUrl}/auth/backchannel-logout`,
      backchannel_logout_session_required: true,
      default_acr_values: ['urn:test:strong'],
    },
  ],
  claims: {
    openid: ['sub', 'oid'],
    profile: ['preferred_username'],
    email: ['email', 'email_verified'],
  },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: async () => ({ sub: id, ...accounts[id] }),
  }),
  acrValues: ['urn:test:strong'],
  interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
  features: {
    devInteractions: { enabled: false },
    backchannelLogout: { enabled: true },
    rpInitiatedLogout: {
      enabled: true,
      // No page with a button: the test's browser has no fingers.
      logoutSource: (context, form) => {
        context.body = form
      },
    },
  },
  loadExistingGrant: async ({ oidc }) => {
    const { client, session } = oidc
    const grant = new provider.Grant({
      ...(client === undefined ? {} : { clientId: client.clientId }),
      ...(session?.accountId === undefined ? {} : { accountId: session.accountId }),
    })
    grant.addOIDCScope('openid profile email')
    await grant.save()
    return grant
  },
  // Its own way out goes to no address of this machine, where the test is.
  fetch: (url, options) => {
    const plain = Object.entries(options ?? {}).filter(([name]) => name !== 'dispatcher')
    return globalThis.fetch(url, Object.fromEntries(plain))
  },
  pkce: { required: () => true },
})
const answer = provider.callback()
server.on('request', async (request, response) => {
  if (request.url?.startsWith('/interaction/') !== true) return answer(request, response)
  const accountId = String(request.headers['x-account'])
  await provider.interactionFinished(
    request,
    response,
    { login: { accountId, acr: 'urn:test:strong', amr: ['pwd', 'otp'] } },
    { mergeWithLastSubmission: false },
  )
})
process.stdout.write(`${JSON.stringify({ issuer })}\n`)
