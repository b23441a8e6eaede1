import { exampleTerms } from '@portcullis/domain/testing'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { LIVE_SCHEMA } from '../projections/names.ts'
import type { Page } from '../rows.ts'
import { eventLog } from '../testing/eventLog.ts'
import { autoApproved, day, submitted, wiki } from '../testing/sampleEvents.ts'
import { sampleLog } from '../testing/sampleLog.ts'
import { type ViewsUnderTest, viewsUnderTest } from '../testing/viewsUnderTest.ts'
import type { Views } from './createViews.ts'
import { BadCursor, BadLimit } from './cursor.ts'

describe('lists and single rows', () => {
  let under: ViewsUnderTest
  let views: Views
  beforeEach(async () => {
    under = await viewsUnderTest()
    views = under.views
  })
  afterEach(() => under.db.close())

  const ids = (page: Page<{ readonly id: string }>): string[] => page.items.map(({ id }) => id)
  const FIRST = { limit: 50 }

  describe('of the sample log', () => {
    beforeEach(() => under.project(sampleLog()))

    it('answers catalogs', async () => {
      expect(await views.catalog('marketing')).toEqual({
        id: 'marketing',
        displayName: 'Marketing',
        description: '',
        ownerIds: ['erin'],
        packageManagerIds: [],
        resourceIds: ['wiki', 'chat'],
        createdAt: day(1),
      })
      expect(await views.catalog('nothing')).toBeUndefined()
      expect(ids(await views.catalogs(FIRST))).toEqual(['marketing'])
      expect((await views.catalogsOf('erin')).map(({ id }) => id)).toEqual(['marketing'])
      expect(await views.catalogsOf('dan')).toEqual([])
    })

    it('answers packages with their roles and policies, deleted ones when asked (S24)', async () => {
      const basics = await views.package('basics')
      expect(basics).toMatchObject({
        displayName: 'Basics',
        hidden: false,
        rolesVersion: 7,
        resourceRoles: [wiki],
        policies: [{ id: 'standard', packageId: 'basics', version: 2, enabled: true }],
        deletedAt: null,
      })
      expect(await views.package('gone')).toMatchObject({
        displayName: 'gone',
        resourceRoles: [wiki],
        deletedAt: day(3),
      })
      expect(ids(await views.packages(FIRST, { includeDeleted: true }))).toEqual(['basics', 'gone'])
      expect(ids(await views.packages(FIRST))).toEqual(['basics'])
      expect(ids(await views.packages(FIRST, { catalogIds: ['marketing'] }))).toEqual(['basics'])
      expect(ids(await views.packages(FIRST, { catalogIds: [] }))).toEqual([])
      expect(ids(await views.packages(FIRST, { ids: ['gone', 'other'] }))).toEqual([])
      expect([...(await views.packagesByIds(['basics', 'gone'])).keys()]).toEqual(['basics'])
    })

    it('answers requests and assignments by their filters, newest first', async () => {
      const all = ids(await views.requests(FIRST))
      expect(all[0]).toBe('basics.sid.r1')
      expect(all).toHaveLength(8)
      expect(ids(await views.requests(FIRST, { subjectId: 'alice' }))).toEqual([
        'basics.alice.r3',
        'basics.alice.r2',
        'basics.alice.r1',
      ])
      expect(
        ids(await views.requests(FIRST, { within: { packageIds: [], personId: 'alice' } })),
      ).toEqual(['basics.alice.r3', 'basics.alice.r2', 'basics.alice.r1'])
      // Carol made two direct assignments: by her role, so they aren't hers.
      expect(
        ids(await views.requests(FIRST, { within: { packageIds: [], personId: 'carol' } })),
      ).toEqual([])
      expect(ids(await views.requests(FIRST, { status: ['Denied'] }))).toEqual(['basics.denise.r1'])
      expect(ids(await views.requests(FIRST, { status: [] }))).toEqual([])
      expect(ids(await views.requests(FIRST, { packageIds: ['other'] }))).toEqual([])
      expect(ids(await views.assignments(FIRST, { status: ['Expired', 'Cancelled'] }))).toEqual([
        'basics.sid.a1',
        'basics.alice.a1',
      ])
      expect(await views.assignment('basics.alice.a1')).toEqual({
        id: 'basics.alice.a1',
        entitlementId: 'basics.alice',
        packageId: 'basics',
        subjectId: 'alice',
        requestId: 'basics.alice.r1',
        policyId: 'standard',
        policyVersion: 1,
        status: 'Expired',
        startAt: day(6),
        endAt: day(66),
        endVersion: 2,
        endedAt: day(66),
        settled: true,
        rolesVersion: 3,
        updatedAt: day(67),
      })
      expect(await views.request('basics.nobody.r1')).toBeUndefined()
      expect(await views.counts('basics')).toEqual({
        requests: { PendingApproval: 1, Denied: 1, Cancelled: 3, Fulfilled: 2, Delivering: 1 },
        assignments: { Expired: 1, Cancelled: 1, Delivering: 1 },
      })
      expect(await views.counts('basics', 'standard')).toEqual(await views.counts('basics'))
      expect(await views.counts('basics', 'guests')).toEqual({ requests: {}, assignments: {} })
      expect(await views.counts('other')).toEqual({ requests: {}, assignments: {} })
    })

    it('answers what somebody has or waits for', async () => {
      const standing = async (subjectId: string) => [
        ...(await views.standingOf(subjectId, ['basics', 'gone'])),
      ]
      expect(await standing('pia')).toEqual([['basics', 'pending']])
      expect(await standing('sam')).toEqual([['basics', 'assigned']])
      expect(await standing('alice')).toEqual([])
      expect([...(await views.standingOf('pia', ['gone']))]).toEqual([])
    })

    it('answers what waits for somebody, never their own request', async () => {
      const waiting = async (personId: string, ...groupIds: string[]): Promise<string[]> =>
        ids(await views.requests(FIRST, { waitingFor: { personId, groupIds } }))
      expect(await waiting('bob')).toEqual(['basics.pia.r1'])
      expect(await waiting('kim', 'others', 'leads')).toEqual(['basics.pia.r1'])
      expect(await waiting('eve')).toEqual([])
      expect(await waiting('pia', 'leads')).toEqual([])
      expect(await waiting('kim')).toEqual([])
    })

    it('answers grants, also those of an assignment that has ended', async () => {
      expect(await views.grant('chat.member.pat')).toMatchObject({
        holderIds: ['basics.pat.a1'],
        actual: 'present',
        preexisting: true,
        settled: true,
      })
      const grants = await views.grantsOfAssignment('basics.alice.a1')
      expect(grants).toMatchObject([{ id: 'wiki.editor.alice', holderIds: [], actual: 'absent' }])
      expect(await views.openGrants()).toEqual({ count: 1, oldest: day(21) })
    })

    it('shows the plain-named SQL views', async () => {
      const { rows } = await under.db.pool.query(
        `select package_id, id, version from ${LIVE_SCHEMA}.policies`,
      )
      expect(rows).toEqual([{ package_id: 'basics', id: 'standard', version: 2 }])
      const roles = await under.db.pool.query(`select * from ${LIVE_SCHEMA}.package_roles`)
      expect(roles.rows).toEqual([{ package_id: 'basics', resource_id: 'wiki', role_id: 'editor' }])
    })
  })

  describe('packages to request', () => {
    const packageId = (number: number): string => `package-${number}`
    const terms = [
      exampleTerms({
        requestors: { kind: 'directory', principals: [{ kind: 'user', id: 'ann' }] },
      }),
      exampleTerms({
        requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'eng' }] },
      }),
      exampleTerms({ requestors: { kind: 'external', directoryIds: ['partner'] } }),
      exampleTerms({ requestors: { kind: 'none' } }),
    ]
    beforeEach(() =>
      under.written((log) => {
        for (const [index, policy] of terms.entries()) {
          const id = packageId(index)
          const names = { displayName: id, description: '', catalogId: 'c', hidden: false }
          log.add(
            `accessPackage-${id}`,
            day(1),
            { type: 'AccessPackageCreated.v1', data: { packageId: id, ...names } },
            {
              type: 'PolicyAdded.v1',
              data: {
                packageId: id,
                policyId: 'p',
                policyVersion: 1,
                enabled: true,
                terms: policy,
              },
            },
          )
        }
      }),
    )

    it('are those whose policy names the person, a group or the external directory (S7)', async () => {
      const requestable = async (
        personId: string,
        groupIds: readonly string[],
        externalDirectoryId: string | null = null,
      ) => ids(await views.requestable({ personId, groupIds, externalDirectoryId }, FIRST))
      expect(await requestable('ann', [])).toEqual(['package-0'])
      expect(await requestable('ann', ['eng'])).toEqual(['package-0', 'package-1'])
      expect(await requestable('gus', [], 'partner')).toEqual(['package-2'])
      // A group that is called like the person, and the other way round.
      expect(await requestable('eng', ['ann', 'partner'])).toEqual([])
      expect(ids(await views.packagesWithEnabledPolicies(FIRST))).toEqual([
        'package-0',
        'package-1',
        'package-2',
      ])
    })
  })

  describe('pages', () => {
    beforeEach(() =>
      under.written((log) => {
        for (let number = 0; number < 7; number += 1) {
          const subjectId = `person-${number}`
          const request = submitted({ packageId: 'p', subjectId, decideBy: day(9) })
          log.add(`entitlement-p.${subjectId}`, day(1), request)
        }
      }),
    )

    it('go through a list to its end', async () => {
      const seen: string[] = []
      let cursor: string | undefined
      do {
        const page: Page<{ readonly id: string }> = await views.requests({ limit: 3, cursor })
        seen.push(...ids(page))
        cursor = page.next ?? undefined
      } while (cursor !== undefined)
      expect(seen).toEqual([6, 5, 4, 3, 2, 1, 0].map((number) => `p.person-${number}.r1`))
    })

    it('stay in place while rows are added and changed', async () => {
      const first = await views.requests({ limit: 3 })
      const log = eventLog()
      for (let filler = 0; filler < 7; filler += 1) log.add('other', day(1), autoApproved('x.y.r1'))
      log.add('entitlement-p.late', day(2), submitted({ packageId: 'p', subjectId: 'late' }))
      log.add('entitlement-p.person-3', day(2), {
        type: 'RequestCancelled.v1',
        data: { requestId: 'p.person-3.r1', by: 'carol', reason: null },
      })
      await under.project(log.events.slice(7))
      const second = await views.requests({ limit: 10, cursor: first.next ?? '' })
      expect(ids(second)).toEqual([3, 2, 1, 0].map((number) => `p.person-${number}.r1`))
      expect(second.next).toBeNull()
    })

    it('refuse cursors and limits that make no sense', async () => {
      const { next } = await views.requests({ limit: 1 })
      for (const cursor of [
        '',
        'nonsense',
        '%%%',
        Buffer.from('requests -1').toString('base64url'),
      ]) {
        await expect(views.requests({ limit: 1, cursor })).rejects.toBeInstanceOf(BadCursor)
      }
      const ofAnother = views.assignments({ limit: 1, cursor: next ?? '' })
      await expect(ofAnother).rejects.toBeInstanceOf(BadCursor)
      for (const limit of [0, -1, 1.5, 1001, Number.NaN]) {
        await expect(views.requests({ limit })).rejects.toBeInstanceOf(BadLimit)
      }
    })
  })
})
