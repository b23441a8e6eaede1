import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ResourceRoleRef } from '@portcullis/domain'
import type { OutsideCommand } from '@portcullis/engine'
import type { FaultTarget } from './faultTargets.ts'

export interface Person {
  readonly id: string
  readonly userName: string
}

const peopleOf = (length: number): readonly Person[] =>
  Array.from({ length }, (_, index) => {
    const id = `p${String(index).padStart(2, '0')}`
    return { id, userName: `${id}@people.example` }
  })

/** People of the fault tests, all of whom every target knows. */
export const people = peopleOf(24)

/** Those who change from one package to another. */
export const changers = peopleOf(40)

export interface Package {
  readonly id: string
  readonly roles: readonly ResourceRoleRef[]
}

const member = (target: FaultTarget, letter: string): ResourceRoleRef => ({
  resourceId: `${target.name}-${letter}`,
  roleId: 'member',
})

/** Packages with roles in common, in one target and across all of them. */
export const packagesOf = (targets: readonly FaultTarget[]): readonly Package[] => [
  ...targets.flatMap((target) => [
    { id: `${target.name}-first`, roles: [member(target, 'a'), member(target, 'b')] },
    { id: `${target.name}-second`, roles: [member(target, 'b'), member(target, 'c')] },
  ]),
  { id: 'everything', roles: targets.map((target) => member(target, 'a')) },
]

/** A role that comes and goes while people have the package. */
export const changingRoles = (targets: readonly FaultTarget[]): readonly ResourceRoleRef[] =>
  targets.map((target) => member(target, 'd'))

/** Makes accounts and groups in the targets, and the CSV files of the directory that name them. */
export const writeOrganisation = async (
  folder: string,
  targets: readonly FaultTarget[],
  everybody: readonly Person[] = people,
): Promise<void> => {
  const resources: string[] = []
  for (const target of targets) {
    for (const person of everybody) await target.addPerson(person)
    for (const letter of ['a', 'b', 'c', 'd']) {
      const id = `${target.name}-${letter}`
      const externalId = await target.addResource(id)
      resources.push(`${id},application,${id},${target.name},"${externalId}"`)
    }
  }
  const files: Readonly<Record<string, readonly string[]>> = {
    people: [
      'id,userName,displayName,email',
      ...everybody.map(({ id, userName }) => `${id},${userName},Person ${id},${id}@mail.example`),
    ],
    groups: ['id,displayName', 'staff,Staff'],
    memberships: ['groupId,personId', ...everybody.map(({ id }) => `staff,${id}`)],
    resources: ['id,kind,displayName,connector,externalId', ...resources],
    'resource-roles': [
      'resourceId,id,displayName,externalId',
      ...resources.map((line) => `${line.split(',')[0]},member,member,member`),
    ],
  }
  await mkdir(folder)
  for (const [name, lines] of Object.entries(files))
    await writeFile(join(folder, `${name}.csv`), `${lines.join('\n')}\n`)
}

/** Everybody may have them, without approval. */
export const createPackage = ({ id, roles }: Package): OutsideCommand => ({
  type: 'CreateAccessPackage',
  packageId: id,
  catalogId: 'default',
  displayName: id,
  description: '',
  hidden: false,
  resourceRoles: roles,
  policies: [
    {
      policyId: `${id}-open`,
      enabled: true,
      terms: {
        displayName: 'Everybody',
        description: '',
        requestors: { kind: 'directory', principals: [{ kind: 'group', id: 'staff' }] },
        requestorJustification: false,
        approval: { required: false },
        expiration: { kind: 'never' },
        extension: { allowed: false },
        zone: 'Europe/Berlin',
      },
    },
  ],
})
