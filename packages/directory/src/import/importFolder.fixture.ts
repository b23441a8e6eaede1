import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestDatabase, testDatabase } from '@portcullis/postgres/testing'
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest'
import { createDirectory } from '../lookups.ts'
import { migrateDirectory } from '../migrations.ts'
import { type ImportOptions, importDirectory } from './importDirectory.ts'
import { DirectoryImportError } from './problems.ts'

/** An empty directory and an empty folder for each test of the file that calls this. */
export const importFolder = () => {
  let database: TestDatabase
  let path: string

  beforeAll(async () => {
    database = await testDatabase()
    await migrateDirectory(database.pool)
  })
  afterAll(() => database.close())
  beforeEach(async () => {
    path = await mkdtemp(join(tmpdir(), 'directory-'))
  })
  afterEach(async () => {
    await rm(path, { recursive: true })
    const { rows } = await database.pool.query<{ names: string }>(
      `select string_agg(format('%I.%I', schemaname, tablename), ', ') as names
         from pg_tables where schemaname = 'portcullis_directory'`,
    )
    await database.pool.query(`truncate ${rows[0]?.names}`)
  })

  const run = (options: ImportOptions = {}) => importDirectory(database.pool, path, options)
  return {
    path: () => path,
    pool: () => database.pool,
    directory: () => createDirectory(database.pool),
    run,
    write: async (files: Readonly<Record<string, string | object>>): Promise<void> => {
      for (const [name, content] of Object.entries(files)) {
        const text = typeof content === 'string' ? content : JSON.stringify(content, null, 2)
        await writeFile(join(path, name), text)
      }
    },
    empty: async (): Promise<void> => {
      await rm(path, { recursive: true })
      path = await mkdtemp(join(tmpdir(), 'directory-'))
    },
    /** The lines of the refusal but for its first. */
    mistakes: async (): Promise<string[]> => {
      const error = await run().catch((thrown: unknown) => thrown)
      if (error instanceof DirectoryImportError) return error.message.split('\n').slice(1)
      throw new Error('was imported', { cause: error })
    },
  }
}

/** A bit of everything, in both formats. */
export const SMALL = {
  'people.csv': [
    'id,userName,displayName,email,enabled,locale,zone,externalDirectoryId,directoryRoles',
    'alice,alice,Älice Ångström,alice@example.org,,de,Europe/Berlin,,UserAdministrator CatalogCreator',
    'bo,bo,"Chen, ""Bo"" 陈波",bo@example.org,FALSE,,,,',
    'zoe,zoe,Ζωή,zoe@partner.example,true,el,,partner,',
  ].join('\r\n'),
  'groups.json': [{ id: 'staff', displayName: 'Staff' }],
  'memberships.csv': 'groupId,personId\nstaff,alice\nstaff,bo\nstaff,alice\n',
  'resources.json': [
    {
      id: 'wiki',
      kind: 'application',
      displayName: 'Wiki',
      connector: 'file',
      roles: [
        { id: 'reader', displayName: 'Reader' },
        { id: 'editor', displayName: 'Editor', externalId: 'wiki-editors' },
      ],
      ownerIds: ['alice'],
    },
  ],
  'external-directories.csv':
    'id,displayName,initialDomain,domains,allowed\npartner,Partner,partner.example,Bücher.example shop.partner.example,\n',
}
