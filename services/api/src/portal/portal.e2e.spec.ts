import { exampleTerms } from '@portcullis/api-contract'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { missing, openPortal, type Portal } from './openPortal.fixture.ts'

let portal: Portal

const create = async (id: string, displayName: string, more: object = {}): Promise<void> => {
  const { status, body } = await portal.send('alice', 'POST', '/v1/access-packages', {
    id,
    catalogId: 'engineering',
    displayName,
    description: `For ${displayName}`,
    resourceRoles: [{ resourceId: 'git', roleId: 'member' }],
    policies: [{ id: 'staff', terms: exampleTerms }],
    ...more,
  })
  expect([status, body.packageId]).toEqual([201, id])
}

describe.skipIf(missing !== undefined)(
  `the portal in a browser${missing === undefined ? '' : `: ${missing}`}`,
  () => {
    beforeAll(async () => {
      portal = await openPortal()
      const catalog = { id: 'engineering', displayName: 'Engineering' }
      expect((await portal.send('alice', 'POST', '/v1/catalogs', catalog)).status).toBe(201)
      await create('web-team', 'Web team')
      await create('hidden', 'Hidden team', { hidden: true })
      await create('keys', 'Keyboard team')
      await create('two', 'Two approvers', {
        policies: [
          {
            id: 'staff',
            terms: {
              ...exampleTerms,
              approval: {
                required: true,
                stages: [
                  {
                    approvers: [
                      { kind: 'user', id: 'bob' },
                      { kind: 'user', id: 'dave' },
                    ],
                    timeoutDays: 14,
                    approverJustification: true,
                  },
                ],
              },
            },
          },
        ],
      })
      await create('others', 'Not for Carol', {
        policies: [
          {
            id: 'first',
            terms: {
              ...exampleTerms,
              displayName: 'Erin alone',
              requestors: { kind: 'directory', principals: [{ kind: 'user', id: 'erin' }] },
            },
          },
          {
            id: 'second',
            terms: {
              ...exampleTerms,
              displayName: 'Carol, switched off',
              requestors: { kind: 'directory', principals: [{ kind: 'user', id: 'carol' }] },
            },
          },
        ],
      })
      const off = '/v1/access-packages/others/policies/second/disable'
      expect((await portal.send('alice', 'POST', off)).status).toBe(200)
    })
    afterAll(() => portal?.close())

    it('lets somebody find, request and see it wait, and an approver decide on a phone', async () => {
      const carol = await portal.open('carol')
      await carol.goto('/packages')
      await carol.getByRole('searchbox').fill('web git')
      await carol.getByRole('link', { name: 'Web team' }).click()
      await carol.getByRole('heading', { level: 1, name: 'Web team' }).waitFor()
      // The policy asks for a reason: the server says so, and the field shows it.
      await carol.getByRole('button', { name: 'Send the request' }).click()
      await carol.getByText('Say why you need it: this policy asks for a reason.').waitFor()
      await carol.getByRole('textbox').fill('I join <b>on Monday</b>')
      await carol.getByRole('button', { name: 'Send the request' }).click()
      await carol.waitForURL('**/requests/web-team.carol.r1')
      await carol.getByText('Waits for approval').waitFor()

      const bob = await portal.open('bob', { width: 360 })
      await bob.goto('/approvals/web-team.carol.r1')
      await bob.getByText('I join <b>on Monday</b>').waitFor()
      const wider = await bob.evaluate('document.documentElement.scrollWidth - innerWidth')
      expect(wider).toBeLessThanOrEqual(0)
      await bob.getByRole('button', { name: 'Approve', exact: true }).click()
      await bob.getByText('You have approved this request').waitFor()
      await carol.reload()
      await carol.getByRole('link', { name: 'Open the access' }).waitFor()
    })

    it('shows a hidden package to who has its link, and to nobody in the list (P2)', async () => {
      const carol = await portal.open('carol')
      await carol.goto('/packages')
      await carol.getByRole('link', { name: 'Keyboard team' }).waitFor()
      expect(await carol.getByRole('link', { name: 'Hidden team' }).count()).toBe(0)
      await carol.goto('/packages/hidden')
      await carol.getByRole('button', { name: 'Send the request' }).waitFor()
    })

    it('says why somebody can’t request, policy by policy, and nothing of what isn’t there (P3)', async () => {
      const carol = await portal.open('carol')
      await carol.goto('/packages/others')
      await carol.getByText('Carol, switched off').waitFor()
      await carol.getByText('This policy is switched off at the moment.').waitFor()
      await carol.getByText('You aren’t among those'.replace('’', "'")).waitFor()
      await carol.goto('/packages/never-was')
      await carol.getByText('There is nothing here for you').waitFor()
    })

    it('tells the second approver who was first, and keeps their words (P4)', async () => {
      const path = '/v1/access-packages/two/requests'
      const asked = await portal.send('carol', 'POST', path, { justification: 'Please' })
      expect(asked.status).toBe(201)
      const dave = await portal.open('dave')
      await dave.goto('/approvals/two.carol.r1')
      await dave.getByRole('textbox').fill('I wanted to say this')
      const first = { justification: 'I was first' }
      expect(
        (await portal.send('bob', 'POST', '/v1/requests/two.carol.r1/deny', first)).status,
      ).toBe(200)
      await dave.getByRole('button', { name: 'Approve', exact: true }).click()
      await dave.getByRole('heading', { name: 'bob has denied this request' }).waitFor()
      expect(await dave.getByLabel('What you had written').inputValue()).toBe(
        'I wanted to say this',
      )
    })

    it('works by keyboard alone (P10)', async () => {
      const erin = await portal.open('erin')
      await erin.goto('/')
      await erin.getByRole('heading', { level: 1 }).waitFor()
      await erin.keyboard.press('g')
      await erin.keyboard.press('p')
      await erin.getByRole('link', { name: 'Keyboard team' }).waitFor()
      await erin.keyboard.press('/')
      await erin.keyboard.type('keyboard')
      await erin.waitForURL('**/packages?q=keyboard')
      await erin.getByRole('link', { name: 'Web team' }).waitFor({ state: 'detached' })
      await erin.keyboard.press('Tab')
      await erin.keyboard.press('Enter')
      await erin.getByRole('button', { name: 'Send the request' }).waitFor()
      // A new page has the focus on its heading.
      expect(await erin.evaluate('document.activeElement.tagName')).toBe('H1')
      await erin.keyboard.press('Tab')
      await erin.keyboard.type('By keys')
      await erin.keyboard.press('Tab')
      await erin.keyboard.press('Enter')
      await erin.waitForURL('**/requests/keys.erin.r1')
    })

    it('keeps what was written when the session ends in between (P13)', async () => {
      const dave = await portal.open('dave')
      await dave.goto('/packages/web-team')
      await dave.getByRole('textbox').fill('A long reason')
      await portal.endSessionsOf('dave')
      // Other processes know within three seconds; here it is known when the next request is refused.
      await expect
        .poll(
          async () => {
            await dave.getByRole('button', { name: 'Send the request' }).click()
            return dave.getByRole('link', { name: 'Sign in again' }).count()
          },
          { timeout: 20_000, interval: 500 },
        )
        .toBe(1)
      expect(await dave.getByRole('textbox').inputValue()).toBe('A long reason')
      await portal.signInAgain(dave, 'dave')
      await dave.goto('/packages/web-team')
      expect(await dave.getByRole('textbox').inputValue()).toBe('A long reason')
      await dave.getByRole('button', { name: 'Send the request' }).click()
      await dave.waitForURL('**/requests/web-team.dave.r1')
    })

    it('speaks Arabic from right to left', async () => {
      const erin = await portal.open('erin', { locale: 'ar' })
      await erin.goto('/approvals')
      await erin.getByRole('heading', { level: 1, name: 'الموافقات' }).waitFor()
      expect(await erin.evaluate('document.documentElement.dir')).toBe('rtl')
    })

    it('has tried nothing that its policy forbids, in all of this (P17)', async () => {
      expect(portal.complaints).toEqual([])
      const { policyReports } = portal.engine.instruments
      expect((await policyReports.get()).values).toEqual([])
    })
  },
)
