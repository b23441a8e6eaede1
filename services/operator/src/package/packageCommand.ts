import type { Answer } from '@portcullis/client'
import type { Command } from 'commander'
import { change, connect } from '../cli/client.ts'
import { asking, changing, group, listing, outputOf } from '../cli/commandKinds.ts'
import { EVENT_COLUMNS, facts, printList, roleName } from '../cli/list.ts'
import { CommandFailed } from '../cli/output.ts'
import { policyLine, requestablePolicyLine } from '../policy/describe.ts'
import { showRollOut } from '../rollOut/rollOut.ts'
import { rollOutWords } from '../rollOut/rollOutCommand.ts'
import { newPackageFrom, roleFrom, withPackageOptions } from './newPackage.ts'

/** Access packages (S2, S5, S6, S17, S23). */
export const addPackageCommands = (program: Command): void => {
  const pkg = group(program, 'package', 'what is conferred together')

  listing(
    pkg,
    'list',
    'access packages that you manage',
    'package list --catalog marketing --as alice',
  )
    .option('--catalog <catalog>', 'only those of this one')
    .option('--deleted', 'also those that have been deleted')
    .action(async (flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).listAccessPackages.all({
          catalogId: flags.catalog,
          includeDeleted: flags.deleted,
        }),
        {
          package: ({ id }) => id,
          catalog: ({ catalogId }) => catalogId,
          name: ({ displayName }) => displayName,
          hidden: ({ hidden }) => (hidden ? 'yes' : 'no'),
          roles: ({ resourceRoles }) => resourceRoles.length,
          policies: ({ policies }) => policies.length,
          ...(flags.deleted === true ? { deleted: ({ deletedAt }) => deletedAt ?? 'no' } : {}),
        },
        'You manage no access package.',
      ),
    )

  listing(
    pkg,
    'requestable',
    'access packages that you may request, or one of them, also one that is hidden',
    'package requestable --as alice',
  )
    .argument('[package]')
    .action(async (packageId: string | undefined, flags) => {
      const client = await connect(flags)
      if (packageId !== undefined) {
        const found = await client.getRequestablePackage({ packageId })
        return outputOf(flags).print(requestableText(found), found)
      }
      return printList(
        flags,
        outputOf(flags),
        client.listRequestablePackages.all(),
        {
          package: ({ id }) => id,
          name: ({ displayName }) => displayName,
          description: ({ description }) => description,
          roles: ({ roles }) => roles.map(roleName).join(', ') || 'none',
        },
        'There is no access package that you may request.',
      )
    })

  asking(pkg, 'show', 'one access package', 'package show marketing-basics --as alice')
    .argument('<package>')
    .action(async (packageId: string, flags) => {
      const found = await (await connect(flags)).getAccessPackage({ packageId })
      await outputOf(flags).print(packageText(found), found)
    })

  withPackageOptions(
    changing(
      pkg,
      'create',
      'create an access package with its roles and its first policy, all or nothing',
      'package create --name "Fair kit" --id fair-kit --catalog marketing --role marketing-site/member \\\n    --policy-name Crew --for-group marketing --approver-user bob --expires-after-days 30 --as alice',
    ),
  ).action((flags) =>
    change(
      flags,
      outputOf(flags),
      async (client, options) => client.createAccessPackage(await newPackageFrom(flags), options),
      ({ packageId }) => `Access package ${packageId} is created.`,
    ),
  )

  changing(
    pkg,
    'edit',
    'change the name, the description, or whether it is hidden',
    'package edit fair-kit --description "All for the fair" --as alice',
  )
    .argument('<package>')
    .option('--name <text>', 'the new display name')
    .option('--description <text>', 'the new description')
    .option('--hidden', 'not listed any more')
    .option('--no-hidden', 'listed again')
    .action((packageId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) =>
          client.changeAccessPackage(
            {
              packageId,
              displayName: flags.name,
              description: flags.description,
              hidden: flags.hidden,
            },
            options,
          ),
        () => `Access package ${packageId} is changed.`,
      ),
    )

  asking(
    pkg,
    'roll-out',
    'how far the newest change of its roles has got',
    'package roll-out marketing-basics --watch --as alice',
  )
    .argument('<package>')
    .option('--watch', 'until it makes no more progress')
    .action((packageId: string, flags) => showRollOut(flags, packageId))

  visibility(pkg)
  roles(pkg)
  validation(pkg)
  ending(pkg)
}

const packageText = (found: Answer<'getAccessPackage'>): string =>
  facts({
    'Access package': found.id,
    Name: found.displayName,
    Description: found.description,
    Catalog: found.catalogId,
    Hidden: found.hidden ? 'yes' : 'no',
    Created: found.createdAt,
    ...(found.deletedAt === null ? {} : { Deleted: found.deletedAt }),
    'Resource roles': found.resourceRoles.map(
      ({ resourceId, roleId }) => `${resourceId}/${roleId}`,
    ),
    Policies: found.policies.map(policyLine),
  })

const HAVING = { no: 'no', assigned: 'yes', pending: 'not yet, your request waits' } as const

const requestableText = (found: Answer<'getRequestablePackage'>): string =>
  facts({
    'Access package': found.id,
    Name: found.displayName,
    Description: found.description,
    'You have it': HAVING[found.state ?? 'no'],
    Roles: found.roles.map(roleName),
    'By one of': found.policies.map(requestablePolicyLine),
  })

const visibility = (pkg: Command): void => {
  for (const [verb, hidden, effect] of [
    ['hide', true, 'is hidden; who has the link may still request it'],
    ['unhide', false, 'is listed for everybody whom a policy lets in'],
  ] as const)
    changing(pkg, verb, `${verb} an access package`, `package ${verb} fair-kit --as alice`)
      .argument('<package>')
      .action((packageId: string, flags) =>
        change(
          flags,
          outputOf(flags),
          (client, options) => client.changeAccessPackage({ packageId, hidden }, options),
          () => `Access package ${packageId} ${effect}.`,
        ),
      )
}

const roles = (pkg: Command): void => {
  const parts = group(pkg, 'roles', 'the resource roles that an access package confers')
  for (const [verb, method, effect] of [
    ['add', 'addResourceRole', 'confers'],
    ['remove', 'removeResourceRole', "doesn't confer"],
  ] as const)
    changing(
      parts,
      verb,
      `${verb} a resource role`,
      `package roles ${verb} fair-kit marketing-site/visitor --as alice`,
    )
      .argument('<package>')
      .argument('<resource/role>')
      .option('--hold', 'not to those who have the package already, until `roll-out release`')
      .action((packageId: string, role: string, flags) =>
        change(
          flags,
          outputOf(flags),
          (client, options) =>
            client[method](
              { packageId, ...roleFrom(role), rollOut: flags.hold === true ? 'held' : undefined },
              options,
            ),
          (answer) =>
            `Access package ${packageId} ${effect} ${role}${verb === 'add' ? '' : ' any more'}; ${rollOutWords(answer)}.`,
        ),
      )
}

const validation = (pkg: Command): void => {
  withPackageOptions(
    asking(
      pkg,
      'validate',
      'what creating an access package would come to: every problem at once, nothing is written',
      'package validate --file fair-kit.yaml --as alice',
    ),
  ).action(async (flags) => {
    const client = await connect(flags)
    const found = await client.validateAccessPackage(await newPackageFrom(flags))
    await outputOf(flags).print(validationText(found), found)
    if (!found.valid)
      throw new CommandFailed(`it can't be created: ${found.problems.length} to mend`)
  })
}

const validationText = ({
  valid,
  problems,
  warnings,
  resourcesToAdd,
}: Answer<'validateAccessPackage'>): string =>
  [
    valid ? 'It can be created.' : 'It can not be created yet.',
    ...problems.map(({ path, message }) => `  problem: ${path} ${message}`),
    ...warnings.map(({ path, message }) => `  warning: ${path} ${message}`),
    ...resourcesToAdd.map((id) => `  resource ${id} would be added to the catalog as well`),
  ].join('\n')

const ending = (pkg: Command): void => {
  changing(
    pkg,
    'delete',
    'delete an access package that nobody has or waits for',
    'package delete fair-kit --as alice',
  )
    .argument('<package>')
    .action((packageId: string, flags) =>
      change(
        flags,
        outputOf(flags),
        (client, options) => client.deleteAccessPackage({ packageId }, options),
        () => `Access package ${packageId} is deleted; its history stays.`,
      ),
    )
  listing(
    pkg,
    'history',
    'what has happened to an access package, from the start; also to one that is deleted',
    'package history fair-kit --as alice',
  )
    .argument('<package>')
    .action(async (packageId: string, flags) =>
      printList(
        flags,
        outputOf(flags),
        (await connect(flags)).getAccessPackageHistory.all({ packageId }),
        EVENT_COLUMNS,
        'Nothing has happened to it.',
      ),
    )
}
