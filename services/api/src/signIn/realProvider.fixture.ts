import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { CLIENT_ID, CLIENT_SECRET, type openBrowser } from './signInApi.fixture.ts'

const SCRIPT = fileURLToPath(new URL('./providerProcess.fixture.ts', import.meta.url))

/** A port that nothing listens on at this moment. */
export const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts oidc-provider in a process of its own. */
export const startRealProvider = async (
  baseUrl: string,
  accounts: Readonly<Record<string, object>>,
) => {
  const settings = { baseUrl, clientId: CLIENT_ID, clientSecret: CLIENT_SECRET, accounts }
  const child = spawn(process.execPath, [SCRIPT, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const errors: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text))
  const lines = createInterface({ input: child.stdout })
  const [line] = await Promise.race([
    once(lines, 'line'),
    once(child, 'exit').then(() => {
      throw new Error(`the provider ended: ${errors.join('')}`)
    }),
  ])
  const { issuer } = JSON.parse(String(line)) as { issuer: string }
  return {
    issuer,
    close: async () => {
      if (child.exitCode !== null) return
      child.kill()
      await once(child, 'exit')
    },
  }
}

/** A browser's cookies at the provider. */
export const openProviderSide = (account: string) => {
  const cookies = new Map<string, string>()
  /** Follows the provider's redirects, as long as they stay there. @returns where it leads out of there, or its page */
  const follow = async (from: string | URL, init: RequestInit = {}) => {
    let url = new URL(from)
    let request = init
    for (let step = 0; step < 10; step += 1) {
      const response = await fetch(url, {
        ...request,
        redirect: 'manual',
        headers: {
          ...request.headers,
          'x-account': account,
          cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '),
        },
      })
      for (const each of response.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(each) ?? []
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      const text = await response.text()
      const location = response.headers.get('location')
      if (location === null) return { url, status: response.status, text }
      const next = new URL(location, url)
      if (next.origin !== url.origin) return { url: next, status: response.status, text }
      url = next
      request = {}
    }
    throw new Error('the provider redirects for ever')
  }
  return { cookies, follow }
}

/** Signs in through the real provider. @returns the answer of the callback, and its address */
export const signInThere = async (
  browser: ReturnType<typeof openBrowser>,
  account: string,
  query = '',
) => {
  const there = openProviderSide(account)
  const { location } = await browser.begin(query)
  const { url, text } = await there.follow(location)
  if (!url.pathname.startsWith('/auth/callback')) throw new Error(`the provider said: ${text}`)
  return { there, callback: url, answer: await browser.visit(url.href) }
}
