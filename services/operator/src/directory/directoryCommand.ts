import { type Command, Option } from 'commander'
import { connect } from '../cli/client.ts'
import { asking, group, listing, outputOf } from '../cli/commandKinds.ts'
import { facts, printList } from '../cli/list.ts'

const KINDS = ['group', 'application', 'sharepointSite'] as const

/** What the directory has, to pick from (S4, S7, S8). */
export const addDirectoryCommands = (program: Command): void => {
  const directory = group(program, 'directory', 'resources, people and organisations to pick from')
  addResources(directory)

  searching(directory, 'people', 'people', 'directory people --search brandt --as carol').action(
    async (flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).listPeople.all({ search: flags.search }),
        {
          person: ({ id }) => id,
          name: ({ displayName }) => displayName,
          address: ({ email }) => email,
          enabled: ({ enabled }) => (enabled ? 'yes' : 'no'),
          of: ({ externalDirectoryId }) => externalDirectoryId ?? 'our own',
        },
        'There is nobody like that.',
      ),
  )

  searching(directory, 'groups', 'groups', 'directory groups --search lead --as carol').action(
    async (flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).listGroups.all({ search: flags.search }),
        {
          group: ({ id }) => id,
          name: ({ displayName }) => displayName,
          members: ({ memberCount }) => memberCount,
        },
        'There is no such group.',
      ),
  )

  addExternal(directory)
}

const searching = (directory: Command, name: string, description: string, lines: string): Command =>
  listing(directory, name, description, lines).option('--search <text>', 'part of the name')

const addResources = (directory: Command): void => {
  searching(
    directory,
    'resources',
    'resources that you may build access packages of, with their roles',
    'directory resources --mine --as bob',
  )
    .option('--catalog <catalog>', 'those in this one')
    .option('--mine', 'those that you own')
    .addOption(new Option('--kind <word>', 'only these').choices(KINDS))
    .action(async (flags) => {
      await printList(
        flags,
        outputOf(flags),
        (await connect(flags)).listResources.all({
          catalogId: flags.catalog,
          ownedByMe: flags.mine,
          kind: flags.kind,
          search: flags.search,
        }),
        {
          resource: ({ id }) => id,
          kind: ({ kind }) => kind,
          name: ({ displayName }) => displayName,
          roles: ({ roles }) => roles.map(({ id }) => id).join(', '),
          owners: ({ ownerIds }) => ownerIds.join(', '),
        },
        'There is no such resource.',
      )
    })
}

const addExternal = (directory: Command): void => {
  const external = group(directory, 'external', 'other organisations, with all their domains')
  searching(external, 'list', 'all that are known', 'directory external list --as carol').action(
    async (flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).listExternalDirectories.all({ search: flags.search }),
        {
          directory: ({ id }) => id,
          name: ({ displayName }) => displayName,
          domains: ({ domains }) => domains.join(', '),
          allowed: ({ allowed }) => (allowed ? 'yes' : 'no'),
        },
        'There is no such organisation.',
      ),
  )
  asking(
    external,
    'find',
    'the one that has a domain, any of its domains',
    'directory external find bf-oslo.example --as carol',
  )
    .argument('<domain>')
    .action(async (domain: string, flags) => {
      const found = await (await connect(flags)).findExternalDirectory({ domain })
      const text = facts({
        Directory: found.id,
        Name: found.displayName,
        'Initial domain': found.initialDomain,
        'All domains': found.domains.join(', '),
        Allowed: found.allowed ? 'yes' : `no: it ${found.refusedBecause}`,
      })
      await outputOf(flags).print(text, found)
    })
}
