import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createImportLedger, type ImportOptions, importDirectory } from '@portcullis/directory'
import { logImports } from '@portcullis/engine'
import type { Runtime } from '@portcullis/runtime'

// A small organisation: who is who, in one look.

interface PersonEntry {
  readonly id: string
  readonly userName: string
  readonly displayName: string
  readonly email: string
  readonly enabled: boolean
  readonly externalDirectoryId: string | null
  readonly directoryRoles: readonly string[]
}

/** The folder that is imported, file by file. */
export interface Organisation {
  readonly 'external-directories': readonly {
    readonly id: string
    readonly displayName: string
    readonly initialDomain: string
    readonly domains: readonly string[]
    readonly allowed: boolean
  }[]
  readonly people: readonly PersonEntry[]
  readonly groups: readonly { readonly id: string; readonly displayName: string }[]
  readonly memberships: readonly { readonly groupId: string; readonly personId: string }[]
  readonly resources: readonly {
    readonly id: string
    readonly kind: 'group' | 'application' | 'sharepointSite'
    readonly displayName: string
    readonly connector: string
    readonly roles: readonly { readonly id: string; readonly displayName: string }[]
    readonly ownerIds: readonly string[]
  }[]
}

const person = (
  id: string,
  surname: string,
  more: Partial<PersonEntry> & { readonly domain?: string } = {},
): PersonEntry => {
  const { domain = 'example.org', ...rest } = more
  return {
    id,
    userName: id,
    displayName: `${id[0]?.toUpperCase()}${id.slice(1)} ${surname}`,
    email: `${id}@${domain}`,
    enabled: true,
    externalDirectoryId: null,
    directoryRoles: [],
    ...rest,
  }
}

const partner = (id: string, surname: string, domain: string) =>
  person(id, surname, { externalDirectoryId: 'partner', domain })

const STAFF = ['sam', 'tess', 'uma', 'vic', 'will', 'xena', 'yann', 'zoe'] as const

/** `steady` and `shaky` are the two target systems of the harness. */
const resource = (
  id: string,
  kind: Organisation['resources'][number]['kind'],
  connector: 'steady' | 'shaky',
  roles: readonly string[],
  ownerIds: readonly string[],
) => ({
  id,
  kind,
  displayName: `The ${id}`,
  connector,
  roles: roles.map((role) => ({ id: role, displayName: role })),
  ownerIds,
})

export const ORGANISATION: Organisation = {
  'external-directories': [
    {
      id: 'partner',
      displayName: 'Partner Works',
      initialDomain: 'partner.example',
      domains: ['partner.example', 'partner-group.example', 'Bücher.example'],
      allowed: true,
    },
    {
      id: 'supplier',
      displayName: 'Supplier Ltd',
      initialDomain: 'supplier.example',
      domains: ['supplier.example'],
      allowed: true,
    },
    {
      id: 'rival',
      displayName: 'Rival Inc',
      initialDomain: 'rival.example',
      domains: ['rival.example'],
      allowed: false,
    },
  ],
  people: [
    person('alice', 'Moreau', { directoryRoles: ['UserAdministrator'] }),
    person('carl', 'Brandt', { directoryRoles: ['CatalogCreator'] }),
    // Owner and access package manager of catalogs that the tests make, and one who is nothing.
    person('olga', 'Petrova'),
    person('mia', 'Okafor'),
    person('nora', 'Lind'),
    // Approvers; lea and leo are the group `leads`.
    person('bob', 'Aguilar'),
    person('ben', 'Haddad'),
    person('lea', 'Fischer'),
    person('leo', 'Rossi'),
    ...STAFF.map((id) => person(id, 'Staff')),
    person('dan', 'Gone', { enabled: false }),
    partner('pia', 'Partner', 'partner.example'),
    partner('paul', 'Partner', 'partner-group.example'),
    person('sue', 'Supplier', { externalDirectoryId: 'supplier', domain: 'supplier.example' }),
    person('rick', 'Rival', { externalDirectoryId: 'rival', domain: 'rival.example' }),
  ],
  groups: [
    { id: 'staff', displayName: 'All staff' },
    { id: 'leads', displayName: 'Leads' },
    { id: 'nobody', displayName: 'Nobody yet' },
  ],
  memberships: [
    ...STAFF.map((personId) => ({ groupId: 'staff', personId })),
    ...['lea', 'leo'].map((personId) => ({ groupId: 'leads', personId })),
  ],
  resources: [
    resource('git', 'application', 'steady', ['reader', 'member', 'admin'], ['alice']),
    resource('wiki', 'sharepointSite', 'steady', ['reader', 'editor'], ['alice', 'carl']),
    resource('chat', 'group', 'steady', ['member', 'owner'], ['olga']),
    resource('crm', 'application', 'shaky', ['user', 'admin'], ['alice', 'olga']),
    resource('vault', 'application', 'steady', ['user'], ['nora']),
    resource('desk', 'application', 'steady', ['user'], ['mia']),
  ],
}

/** Imports the whole organisation, as upstream does. A small organisation may lose as much as a test wants. */
export const importOrganisation = async (
  { pool, clock, store }: Pick<Runtime, 'pool' | 'clock' | 'store'>,
  organisation: Organisation,
  options: ImportOptions = {},
): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'portcullis-organisation-'))
  try {
    for (const [kind, entries] of Object.entries(organisation))
      await writeFile(join(folder, `${kind}.json`), JSON.stringify(entries))
    await importDirectory(pool, folder, {
      now: clock.now(),
      allowRemovals: true,
      allowNoAdministrator: true,
      ...options,
    })
    await logImports({ imports: createImportLedger(pool), store })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
