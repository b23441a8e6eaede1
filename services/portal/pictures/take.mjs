// node pictures/take.mjs [name part [look part]]: pictures of every page, light and dark, en, de and ar, wide and
// 360 px; and axe on each.
import fs from 'node:fs'
import path from 'node:path'
import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { startFixtureApi } from './fixtureApi.mjs'

const PAGES = {
  home: '/',
  available: '/packages',
  active: '/packages?tab=active',
  expired: '/packages?tab=expired',
  package: '/packages/web-team',
  pending: '/packages/crane',
  why: '/packages/secret',
  gone: '/packages/nothing',
  requests: '/requests',
  closed: '/requests?tab=closed',
  request: '/requests/customs.alice.r1',
  denied: '/requests/finance.alice.r1',
  approvals: '/approvals',
  decided: '/approvals?tab=closed',
  decide: '/approvals/web-team.carol.r1',
  assignment: '/assignments/customs.alice.a1',
  extend: '/assignments/customs.alice.a1/extend',
  sessions: '/settings/sessions',
  signedOut: '/signed-out',
}
const LOOKS = [
  { name: 'light-en', locale: 'en-GB', scheme: 'light', width: 1180 },
  { name: 'dark-ar', locale: 'ar', scheme: 'dark', width: 1180 },
  { name: 'phone-de', locale: 'de-DE', scheme: 'light', width: 360 },
  { name: 'phone-dark-ar', locale: 'ar', scheme: 'dark', width: 360 },
]
const TAGS = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
const out = path.join(import.meta.dirname, 'out')
fs.mkdirSync(out, { recursive: true })
const [, , only = '', onlyLook = ''] = process.argv
const browser = await chromium.launch({
  executablePath: process.env.PORTCULLIS_CHROMIUM ?? '/usr/bin/chromium',
  args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
})
let findings = 0
for (const look of LOOKS.filter(({ name }) => name.includes(onlyLook))) {
  const api = await startFixtureApi({ person: { locale: look.locale } })
  const context = await browser.newContext({
    viewport: { width: look.width, height: look.width < 500 ? 740 : 820 },
    colorScheme: look.scheme,
    locale: look.locale,
    bypassCSP: true,
  })
  for (const [name, address] of Object.entries(PAGES).filter(([name]) => name.includes(only))) {
    const page = await context.newPage()
    page.on('console', (message) => {
      if (message.type() === 'error' && !/40\d/.test(message.text()))
        console.log(`${look.name}/${name}: ${message.text().slice(0, 400)}`)
    })
    page.on('pageerror', (error) =>
      console.log(`${look.name}/${name}: ${error.stack?.slice(0, 600)}`),
    )
    await page.goto(api.url + address)
    await page.waitForSelector('h1, h2')
    await page.waitForLoadState('networkidle')
    await page.evaluate(axe.source)
    const result = await page.evaluate(
      (tags) => globalThis.axe.run(document, { runOnly: tags }),
      TAGS,
    )
    for (const violation of result.violations) {
      findings += 1
      console.log(
        `${look.name}/${name}: ${violation.id}: ${violation.nodes.map((node) => `${node.html.slice(0, 160)} | ${node.any[0]?.message ?? ''}`).join('\n   ')}`,
      )
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    if (wide > 0) console.log(`${look.name}/${name}: ${wide} px too wide`)
    await page.screenshot({ path: path.join(out, `${name}.${look.name}.png`), fullPage: true })
    await page.close()
  }
  await context.close()
  api.close()
}
await browser.close()
console.log(`${findings} axe findings`)
