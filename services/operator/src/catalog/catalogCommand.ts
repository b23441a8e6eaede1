import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { asking, changing, group, listing, outputOf } from '../cli/commandKinds.ts'
import { EVENT_COLUMNS, facts, printList } from '../cli/list.ts'

/** Catalogs and who may manage them (S1, S3, S4). */
export const addCatalogCommands = (program: Command): void => {
  const catalog = group(program, 'catalog', 'containers of access packages, and who manages them')

  listing(catalog, 'list', 'catalogs that you may see', 'catalog list --as alice')
    .option('--for-new-packages', 'only those that you may create access packages in')
    .action(async (flags) => {
      const client = await connect(flags)
      await printList(
        flags,
        outputOf(flags),
        flags.forNewPackages === true
          ? client.listCatalogsForNewPackages.all()
          : client.listCatalogs.all(),
        {
          catalog: ({ id }) => id,
          name: ({ displayName }) => displayName,
          owners: ({ ownerIds }) => ownerIds.join(', '),
          managers: ({ packageManagerIds }) => packageManagerIds.join(', '),
          resources: ({ resourceIds }) => resourceIds.length,
        },
        'There is no such catalog for you.',
      )
    })

  asking(catalog, 'show', 'one catalog', 'catalog show marketing --as alice')
    .argument('<catalog>')
    .action(async (catalogId: string, flags) => {
      const found = await (await connect(flags)).getCatalog({ catalogId })
      const text = facts({
        Catalog: found.id,
        Name: found.displayName,
        Description: found.description,
        Owners: found.ownerIds.join(', '),
        Managers: found.packageManagerIds.join(', '),
        Resources: found.resourceIds.join(', '),
        Created: found.createdAt,
      })
      await outputOf(flags).print(text, found)
    })

  changing(
    catalog,
    'create',
    'create a catalog; you become its first owner',
    'catalog create --name "Trade fairs" --id fairs --as alice',
  )
    .requiredOption('--name <text>', 'its display name')
    .option('--description <text>', 'what it is for')
    .option('--id <id>', 'its id; made up when absent')
    .action((flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.createCatalog(
            { id: flags.id, displayName: flags.name, description: flags.description },
            options,
          ),
        ({ catalogId }) => `Catalog ${catalogId} is created.`,
      ),
    )

  changing(
    catalog,
    'rename',
    "change a catalog's name or description",
    'catalog rename fairs --name "Fairs and events" --as alice',
  )
    .argument('<catalog>')
    .option('--name <text>', 'the new display name')
    .option('--description <text>', 'the new description')
    .action((catalogId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.renameCatalog(
            { catalogId, displayName: flags.name, description: flags.description },
            options,
          ),
        () => `Catalog ${catalogId} is changed.`,
      ),
    )

  listing(
    catalog,
    'history',
    'what has happened to a catalog, from the start',
    'catalog history marketing --as alice',
  )
    .argument('<catalog>')
    .action(async (catalogId: string, flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).getCatalogHistory.all({ catalogId }),
        EVENT_COLUMNS,
        'Nothing has happened to it.',
      ),
    )

  people(catalog, 'owners', 'owner', 'addCatalogOwner', 'removeCatalogOwner')
  people(catalog, 'managers', 'access package manager', 'addPackageManager', 'removePackageManager')
  resources(catalog)
}

const people = (
  catalog: Command,
  name: 'owners' | 'managers',
  role: string,
  add: 'addCatalogOwner' | 'addPackageManager',
  remove: 'removeCatalogOwner' | 'removePackageManager',
): void => {
  const members = group(catalog, name, `who is ${role} of a catalog`)
  const words = (verb: string) => `catalog ${name} ${verb} marketing bob --as alice`
  changing(members, 'add', `make somebody ${role}`, words('add'))
    .argument('<catalog>')
    .argument('<person>')
    .action((catalogId: string, personId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client[add]({ catalogId, personId }, options),
        () => `${personId} is ${role} of ${catalogId}.`,
      ),
    )
  changing(members, 'remove', `make somebody no longer ${role}`, words('remove'))
    .argument('<catalog>')
    .argument('<person>')
    .action((catalogId: string, personId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client[remove]({ catalogId, personId }, options),
        () => `${personId} is no longer ${role} of ${catalogId}.`,
      ),
    )
}

const resources = (catalog: Command): void => {
  const parts = group(catalog, 'resources', 'what access packages of a catalog may be built of')
  const words = (verb: string) => `catalog resources ${verb} marketing marketing-site --as alice`
  changing(parts, 'add', 'add a resource that you own', words('add'))
    .argument('<catalog>')
    .argument('<resource>')
    .action((catalogId: string, resourceId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.addResource({ catalogId, resourceId }, options),
        () => `Resource ${resourceId} is in ${catalogId}.`,
      ),
    )
  changing(parts, 'remove', 'remove a resource', words('remove'))
    .argument('<catalog>')
    .argument('<resource>')
    .action((catalogId: string, resourceId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.removeResource({ catalogId, resourceId }, options),
        () => `Resource ${resourceId} is no longer in ${catalogId}.`,
      ),
    )
}
