// For pictures of the pages alone: the built files, and an API that answers the contract's own examples, varied.
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import {
  assignments,
  at,
  detail,
  ended,
  example,
  mine,
  packages,
  requests,
  session,
  user,
} from './fixtures.mjs'

const dist = path.join(import.meta.dirname, '..', 'dist')
const TYPES = {
  js: 'text/javascript',
  css: 'text/css',
  html: 'text/html; charset=utf-8',
  svg: 'image/svg+xml',
  webmanifest: 'application/manifest+json',
}
const problem = (status, code, detailText) => [
  status,
  {
    type: `urn:portcullis:problem:${code}`,
    title: code,
    status,
    code,
    detail: detailText,
    requestId: 'f5a1-example',
  },
  'application/problem+json',
]

/** @param person what the session says besides: locale, zone */
export const startFixtureApi = async ({
  person = {},
  policy: csp = () => ({}),
  empty = false,
} = {}) => {
  const me = {
    actor: user('alice'),
    directoryRoles: [],
    groupIds: [],
    person: {
      id: 'alice',
      userName: 'alice',
      displayName: 'Alice Anders',
      email: 'alice@example.com',
      enabled: true,
      locale: null,
      zone: 'Europe/Berlin',
      externalDirectoryId: null,
      directoryRoles: [],
      ...person,
    },
  }
  const page = (items) => [200, { items: empty ? [] : items, next: null }]
  const answer = (url) => {
    const { pathname, searchParams: query } = url
    const statuses = query.getAll('status')
    if (pathname === '/auth/session')
      return [
        200,
        {
          me,
          session: session('11111111-1111-4111-8111-111111111111', { current: true }),
          csrfToken: 'x',
        },
      ]
    if (pathname === '/auth/sessions')
      return page([
        session('11111111-1111-4111-8111-111111111111', { current: true }),
        session('2', {
          userAgent:
            'Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Mobile Safari/604.1',
          seenAt: at(-1),
        }),
      ])
    if (pathname === '/v1/requestable-packages') return page(packages)
    if (pathname === '/v1/requests') {
      if (query.get('waitingForMe') === 'true') return page(requests)
      const all =
        query.get('subjectId') === 'alice'
          ? mine
          : requests.map((each) => ({
              ...each,
              status: 'Denied',
              decidedBy: 'alice',
              decidedAt: at(-3),
            }))
      return page(
        all.filter(
          (each) =>
            statuses.includes(each.status) &&
            (query.get('packageId') ?? each.packageId) === each.packageId,
        ),
      )
    }
    if (pathname === '/v1/assignments')
      return page(
        (statuses.includes('Expired') ? ended : assignments).filter(
          (each) => (query.get('packageId') ?? each.packageId) === each.packageId,
        ),
      )
    const [, , kind, id, more] = pathname.split('/').map(decodeURIComponent)
    if (kind === 'requestable-packages') {
      const found = packages.find((each) => each.id === id)
      return found === undefined
        ? problem(404, 'query.not-found', 'there is nothing with that id, or you may not see it')
        : [200, found]
    }
    if (more === 'why')
      return id === 'secret'
        ? [
            200,
            {
              packageId: 'secret',
              packageName: 'Payment run',
              subjectId: 'alice',
              subjectName: 'Alice',
              mayRequest: false,
              refusal: { code: 'request.no-policy-applies', message: '' },
              policies: [
                {
                  policyId: 'a',
                  displayName: 'Finance staff',
                  version: 1,
                  enabled: true,
                  applies: false,
                  basis: null,
                  sentence: '',
                },
                {
                  policyId: 'b',
                  displayName: 'Year end',
                  version: 2,
                  enabled: false,
                  applies: false,
                  basis: null,
                  sentence: '',
                },
              ],
            },
          ]
        : problem(404, 'query.not-found', 'there is nothing with that id')
    if (kind === 'requests') {
      const found = [...requests, ...mine].find((each) => each.id === id)
      return found === undefined
        ? problem(404, 'query.not-found', 'there is nothing with that id')
        : [200, detail(found)]
    }
    if (kind === 'assignments') {
      const found = [...assignments, ...ended].find((each) => each.id === id)
      if (found === undefined)
        return problem(404, 'query.not-found', 'there is nothing with that id')
      const base = example('getAssignment')
      const role = base.roles[0]
      return [
        200,
        {
          ...base,
          ...found,
          accessPackage: { id: found.packageId, displayName: found.packageName },
          history: detail(mine[2]).history,
          roles: [
            role,
            {
              ...role,
              id: 'wiki.editor.alice',
              resourceId: 'atlas',
              resourceName: 'Customs portal',
              roleName: 'Declarant',
              delivery: {
                state: 'Failed',
                deliveredAt: null,
                revokedAt: null,
                receipt: null,
                failure: {
                  code: 'scim.down',
                  message: 'The target system does not answer.',
                  transient: true,
                  attempts: 3,
                  firstFailedAt: at(-0.9),
                  lastFailedAt: at(-0.01),
                  nextTryAt: at(0.01),
                },
              },
            },
            {
              ...role,
              id: 'x.y.alice',
              resourceId: 'x',
              resourceName: 'Team wiki',
              roleName: 'Editor',
              delivery: {
                state: 'Waiting',
                deliveredAt: null,
                revokedAt: null,
                receipt: null,
                failure: null,
              },
            },
          ],
        },
      ]
    }
    return problem(404, 'http.no-such-address', 'there is no such address')
  }
  const server = http.createServer((request, response) => {
    const url = new URL(request.url, 'http://localhost')
    const file = path.join(dist, path.normalize(url.pathname))
    if (/^\/(?:v1|auth)\//.test(url.pathname)) {
      const [status, body, type = 'application/json'] = answer(url)
      response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body))
      return
    }
    const found = url.pathname !== '/' && fs.existsSync(file) ? file : path.join(dist, 'index.html')
    response
      .writeHead(200, {
        'content-type': TYPES[found.split('.').pop()] ?? 'text/plain',
        ...csp(found),
      })
      .end(fs.readFileSync(found))
  })
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${server.address().port}`, close: () => server.close() }
}
