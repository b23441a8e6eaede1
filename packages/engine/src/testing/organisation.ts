import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type ImportOptions, importDirectory } from '@portcullis/directory'
import type pg from 'pg'

// A small organisation for specs. `eng` may request, `leads` approve, as in `exampleTerms` of the domain.

const ENGINEERS = ['alice', 'anna', 'ben', 'carl', 'dora', 'emil'] as const

const person = (id: string, more: object = {}) => ({
  id,
  userName: id,
  displayName: `Person ${id}`,
  email: `${id}@example.com`,
  ...more,
})

const role = (id: string) => ({ id, displayName: id })

const resource = (id: string, connector: string, ownerIds: readonly string[]) => ({
  id,
  kind: 'application',
  displayName: id,
  connector,
  roles: [role('member'), role('editor')],
  ownerIds,
})

export const ORGANISATION = {
  'external-directories': [
    { id: 'partner', displayName: 'Partner', initialDomain: 'partner.example' },
    { id: 'rival', displayName: 'Rival', initialDomain: 'rival.example', allowed: false },
  ],
  people: [
    person('admin', { directoryRoles: ['UserAdministrator'] }),
    person('creator', { directoryRoles: ['CatalogCreator'] }),
    person('olivia', { directoryRoles: ['CatalogCreator'] }),
    ...['manny', 'lea', 'leo', 'bob', 'stranger', ...ENGINEERS].map((id) => person(id)),
    person('gone', { enabled: false, directoryRoles: ['UserAdministrator'] }),
    person('xena', { externalDirectoryId: 'partner' }),
  ],
  groups: [
    { id: 'eng', displayName: 'Engineers' },
    { id: 'leads', displayName: 'Leads' },
    { id: 'empty', displayName: 'Nobody' },
  ],
  memberships: [
    ...['lea', 'leo', 'gone'].map((personId) => ({ groupId: 'leads', personId })),
    ...[...ENGINEERS, 'gone'].map((personId) => ({ groupId: 'eng', personId })),
  ],
  resources: [
    resource('wiki', 'main', ['olivia', 'admin']),
    resource('repo', 'main', ['olivia']),
    resource('crm', 'other', ['admin', 'gone']),
    resource('chat', 'main', ['stranger', 'manny']),
    resource('lost', 'nowhere', ['olivia']),
  ],
} as const

export type Organisation = { readonly [Kind in keyof typeof ORGANISATION]?: readonly object[] } & {
  readonly collaboration?: object
}

/**
 * Imports some of an organisation's files; what is left out stays as it is. A small organisation may lose as much as a
 * test wants.
 */
export const importOrganisation = async (
  pool: pg.Pool,
  files: Organisation = ORGANISATION,
  options: ImportOptions = {},
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-engine-'))
  try {
    for (const [kind, entries] of Object.entries(files))
      await writeFile(join(folder, `${kind}.json`), JSON.stringify(entries))
    await importDirectory(pool, folder, {
      allowRemovals: true,
      allowNoAdministrator: true,
      ...options,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
