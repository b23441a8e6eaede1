import { access, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { deriveId } from '@portcullis/core'
import { importDirectory } from '@portcullis/directory'
import { type Caller, logImports, type OutsideCommand } from '@portcullis/engine'
import type { Runtime } from '@portcullis/runtime'
import { CommandFailed, type Output } from '../cli/output.ts'
import { type SampleFile, sampleFileSchema } from './sampleFile.ts'

const FOLDER = fileURLToPath(new URL('../../../../examples/northwind-harbour/', import.meta.url))

/** Who sets up the sample: a service with the rights of a user administrator, named in every event that it causes. */
const LOADER: Caller = {
  actor: { kind: 'service', id: 'sample-loader' },
  directoryRoles: ['UserAdministrator'],
}

/** Loads the sample organisation when the database is empty: the log and the directory. */
export const loadSampleOnce = async (runtime: Runtime, output: Output): Promise<void> => {
  const { people: known, groups: knownGroups } = await runtime.directory.counts()
  // Says that a load was begun: one that was cut off is taken up again, and repeats nothing.
  const marker = join(runtime.config.dataDir, 'sample-loading')
  const begun = await access(marker).then(
    () => true,
    () => false,
  )
  if (!begun && (known > 0 || knownGroups > 0)) return
  await mkdir(runtime.config.dataDir, { recursive: true })
  await writeFile(marker, '')
  output.note('The database is empty: loading the sample organisation …')
  const { people, groups, resources, packages } = await loadSample(runtime)
  await rm(marker)
  output.note(
    `Loaded ${people} people, ${groups} groups, ${resources} resources and ${packages} access packages.`,
  )
}

export const readSample = async (): Promise<SampleFile> =>
  sampleFileSchema.parse(JSON.parse(await readFile(`${FOLDER}catalogs.json`, 'utf8')))

/**
 * Imports the sample's directory and sends the commands that set up its catalogs and packages. Repeating it changes
 * nothing.
 */
export const loadSample = async (runtime: Runtime) => {
  await importDirectory(runtime.pool, FOLDER, { now: runtime.clock.now(), actor: LOADER.actor })
  await logImports(runtime)
  const sample = await readSample()
  for (const command of commandsOf(sample)) {
    const commandId = deriveId('sample', JSON.stringify(command))
    const answer = await runtime.application.execute(command, { commandId, caller: LOADER })
    if (!answer.ok)
      throw new CommandFailed(
        `the sample's ${command.type} was refused: ${answer.refusal.message}`,
        undefined,
        { ...answer.refusal },
      )
  }
  const counts = await runtime.directory.counts()
  return { ...counts, packages: sample.accessPackages.length }
}

const commandsOf = ({ catalogs, accessPackages }: SampleFile): readonly OutsideCommand[] => [
  ...catalogs.flatMap(({ catalogId, ownerIds, managerIds, resourceIds, ...texts }) => [
    { type: 'CreateCatalog', catalogId, ...texts } as const,
    ...ownerIds.map((personId) => ({ type: 'AddCatalogOwner', catalogId, personId }) as const),
    ...managerIds.map((personId) => ({ type: 'AddPackageManager', catalogId, personId }) as const),
    ...resourceIds.map((resourceId) => ({ type: 'AddResource', catalogId, resourceId }) as const),
  ]),
  ...accessPackages.map((each) => ({ type: 'CreateAccessPackage', ...each }) as const),
]
