import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { silentLog } from '@portcullis/engine'
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { openSignIn } from '../signIn/openSignIn.ts'
import { openRealEngine, sendAs } from '../testing/realEngine.ts'
import { PORTAL_FOLDER, readPortal } from './portalFiles.ts'

/** Debian's, or another one's; undefined where there is none: then what needs one is skipped, and counted. */
const findChromium = (): string | undefined =>
  [
    process.env.PORTCULLIS_CHROMIUM ?? '',
    '/usr/bin/chromium',
    ...(process.env.PATH ?? '').split(delimiter).map((folder) => join(folder, 'chromium')),
  ].find((file) => file !== '' && existsSync(file))

/** Why tests with a browser are left out; undefined when they aren't. */
export const missing =
  findChromium() === undefined
    ? 'no chromium (Debian: apt-get install chromium fonts-noto-core)'
    : undefined

const BASE = 'http://localhost:8080'

/** The portal as it is built, over the real engine, in real browsers. */
export const openPortal = async () => {
  const portal = await readPortal(PORTAL_FOLDER)
  if (portal === undefined)
    throw new Error(
      'the portal is not built: run "npm test", or node services/portal/build/build.mjs',
    )
  let signIn: Awaited<ReturnType<typeof openSignIn>> | undefined
  const engine = await openRealEngine(undefined, {}, async (runtime, keyDir) => {
    signIn = await openSignIn(
      {
        issuer: 'https://login.example',
        clientId: 'portcullis',
        clientSecret: 'unused: nobody signs in by the issuer here',
        scopes: 'openid',
        match: [],
        idleMillis: 1_800_000,
        absoluteMillis: 43_200_000,
        perAddress: 0,
      },
      { ...runtime, databaseUrl: runtime.databaseUrl, log: silentLog, keyDir, baseUrl: BASE },
    )
    return { signIn, portal, baseUrl: BASE }
  })
  const url = await engine.api.listen({ host: '127.0.0.1', port: 0 })
  const browser: Browser = await chromium.launch({
    executablePath: findChromium() ?? 'chromium',
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })
  /** What browsers complained of, in any page: the policy's reports among them. */
  const complaints: string[] = []
  const contextOf = new Map<Page, BrowserContext>()

  /** A browser of its own in which somebody is signed in. */
  const open = async (
    person: string,
    options: { readonly width?: number; readonly locale?: string } = {},
  ): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width: options.width ?? 1100, height: 740 },
      locale: options.locale ?? 'en-GB',
      baseURL: url,
    })
    await signInAs(context, person)
    const page = await context.newPage()
    page.on('pageerror', (error) => complaints.push(String(error)))
    page.on('console', (message) => {
      if (/Content Security Policy|TrustedType/i.test(message.text()))
        complaints.push(message.text())
    })
    contextOf.set(page, context)
    return page
  }
  const signInAs = async (context: BrowserContext, person: string): Promise<void> => {
    if (signIn === undefined) throw new Error('nobody can sign in')
    const { secret } = await signIn.sessions.store.begin({
      personId: person,
      issuer: 'https://login.example',
      subject: person,
      authTime: null,
      acr: null,
      amr: [],
      userAgent: 'a test',
      sid: null,
      idToken: null,
    })
    await context.addCookies([{ name: 'portcullis', value: secret, url, sameSite: 'Lax' }])
  }
  return {
    engine,
    send: sendAs(engine),
    url,
    complaints,
    open,
    /** Ends every session of somebody, as a provider's order does. */
    endSessionsOf: async (person: string): Promise<void> => {
      await signIn?.sessions.store.endOfPerson(person)
    },
    signInAgain: async (page: Page, person: string): Promise<void> => {
      const context = contextOf.get(page)
      if (context !== undefined) await signInAs(context, person)
    },
    close: async (): Promise<void> => {
      await browser.close()
      await engine.close()
      signIn?.close()
    },
  }
}

export type Portal = Awaited<ReturnType<typeof openPortal>>
