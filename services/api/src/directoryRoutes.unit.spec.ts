import { allOperations, problemSchema } from '@portcullis/api-contract'
import type { Application } from '@portcullis/engine'
import { describe, expect, it, vi } from 'vitest'
import { fakeApplication, person } from './testing/fakeApplication.ts'
import { testApi } from './testing/testApi.ts'

const get = async (url: string, application: Application = fakeApplication()) => {
  const answer = await testApi(application).inject({
    method: 'GET',
    url,
    headers: { authorization: 'user alice' },
  })
  return { status: answer.statusCode, body: answer.json() }
}
const page = <Item>(...items: readonly Item[]) => ({ items, next: 'abc' })
const fabrikam = {
  id: 'fab',
  displayName: 'Fabrikam',
  initialDomain: 'fabrikam.example',
  domains: ['fabrikam.example'],
  allowed: false,
  refusedBecause: 'is marked as not allowed',
}

describe('the directory, to pick from', () => {
  it('resources: with filters, and without how target systems know them', async () => {
    const role = { id: 'editor', displayName: 'Editor' }
    const shown = { id: 'wiki', kind: 'application', displayName: 'Wiki', description: '' } as const
    const resources = vi.fn(async () =>
      page({
        ...shown,
        connector: 'file',
        externalId: 'x',
        roles: [{ ...role, externalId: 'y' }],
        ownerIds: ['alice'],
      }),
    )
    const { body } = await get(
      '/v1/resources?catalogId=c&ownedByMe=true&kind=application&search=Wi&limit=3&cursor=xyz',
      fakeApplication({ resources }),
    )
    expect(body).toEqual(page({ ...shown, roles: [role], ownerIds: ['alice'] }))
    expect(resources).toHaveBeenCalledExactlyOnceWith(expect.anything(), {
      catalogId: 'c',
      ownedByMe: true,
      kind: 'application',
      search: 'Wi',
      limit: 3,
      cursor: 'xyz',
    })
  })

  it('people: without roles and settings', async () => {
    const people = vi.fn(async () => ({ ok: true as const, answer: page(person('bob')) }))
    const { body } = await get('/v1/people?search=B', fakeApplication({ people }))
    expect(body).toEqual(
      page({
        id: 'bob',
        userName: 'bob',
        displayName: 'Person bob',
        email: 'bob@example.org',
        enabled: true,
        externalDirectoryId: null,
      }),
    )
    expect(people).toHaveBeenCalledExactlyOnceWith(expect.anything(), { search: 'B', limit: 50 })
  })

  it('groups and external directories', async () => {
    const group = { id: 'g', displayName: 'G', memberCount: 0 }
    const groups = async () => ({ ok: true as const, answer: page(group) })
    expect((await get('/v1/groups', fakeApplication({ groups }))).body).toEqual(page(group))
    const externalDirectories = async () => ({ ok: true as const, answer: page(fabrikam) })
    expect(
      (await get('/v1/external-directories', fakeApplication({ externalDirectories }))).body,
    ).toEqual(page(fabrikam))
  })

  it('an external directory by any domain, or none that has it (S8)', async () => {
    const find = vi.fn(async () => ({ ok: true as const, answer: fabrikam }))
    const found = await get(
      '/v1/external-directories/by-domain/B%C3%BCcher.example',
      fakeApplication({ externalDirectoryByDomain: find }),
    )
    expect(found.body).toEqual(fabrikam)
    expect(find).toHaveBeenCalledExactlyOnceWith(expect.anything(), 'Bücher.example')
    const none = await get('/v1/external-directories/by-domain/nowhere.example')
    expect([none.status, problemSchema.parse(none.body).code]).toEqual([404, 'query.not-found'])
  })

  it.each(['people', 'groups', 'external-directories', 'external-directories/by-domain/x.example'])(
    '%s: refused with the roles that would be enough',
    async (path) => {
      const refusal = {
        kind: 'forbidden',
        code: 'directory.forbidden',
        message: 'no',
        data: { enoughRoles: ['CatalogCreator'] },
      } as const
      const refuse = async () => ({ ok: false as const, refusal })
      const application = fakeApplication({
        people: refuse,
        groups: refuse,
        externalDirectories: refuse,
        externalDirectoryByDomain: refuse,
      })
      const { status, body } = await get(`/v1/${path}`, application)
      expect([status, body.code, body.data]).toEqual([403, 'directory.forbidden', refusal.data])
    },
  )

  it('says which cursor is not one', async () => {
    const people = async () => {
      throw Object.assign(new Error('no'), { code: 'directory.bad-cursor' })
    }
    const { status, body } = await get('/v1/people?cursor=abc', fakeApplication({ people }))
    expect([status, body.errors[0].path]).toEqual([400, 'query.cursor'])
  })

  it.each([
    ['resources?ownedByMe=yes', 'query.ownedByMe'],
    ['resources?kind=toaster', 'query.kind'],
    ['people?search=', 'query.search'],
    ['people?search=%00', 'query.search'],
    ['external-directories/by-domain/a%20b', 'path.domain'],
  ])('refuses %s', async (path, field) => {
    const { status, body } = await get(`/v1/${path}`)
    expect([status, body.errors?.[0].path]).toEqual([400, field])
  })

  it('answers as the examples say', () => {
    const all = allOperations.filter(({ tag }) => tag === 'Directory')
    expect(all).toHaveLength(5)
    for (const { answer, example } of all)
      expect(answer.safeParse(example.answer)).toMatchObject({ success: true })
  })
})
