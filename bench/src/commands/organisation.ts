import { mkdir, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { deriveId } from '@portcullis/core'
import { importDirectory } from '@portcullis/directory'
import { exampleTerms } from '@portcullis/domain/testing'
import type { Runtime } from '@portcullis/runtime'

export const PEOPLE = 10_000
const TEAMS = 200
const LEADS = 20
const PACKAGES = 20

export const ADMINISTRATOR = 'admin'
const personId = (index: number): string => `person-${index}`
const leadId = (index: number): string => personId(index % LEADS)
/** Everybody may request, the leads approve. */
export const TERMS = exampleTerms()

/** Somebody who asks for a package for the first time, and who approves it. */
export interface Case {
  readonly packageId: string
  readonly subjectId: string
  readonly approverId: string
}

let taken = 0

/** So many cases that nobody had before. */
export const freshCases = (count: number): readonly Case[] =>
  Array.from({ length: count }, () => {
    const index = taken
    taken += 1
    const subject = index % PEOPLE
    if (index >= PEOPLE * PACKAGES) throw new Error('too many rounds for so few packages')
    return {
      packageId: `package-${Math.floor(index / PEOPLE)}`,
      subjectId: personId(subject),
      // Nobody approves their own request.
      approverId: leadId(subject + 1),
    }
  })

const files = () => {
  const everybody = Array.from({ length: PEOPLE }, (_, index) => personId(index))
  return {
    people: [ADMINISTRATOR, ...everybody].map((id) => ({
      id,
      userName: id,
      displayName: `Name of ${id}`,
      email: `${id}@example.com`,
      directoryRoles: id === ADMINISTRATOR ? ['UserAdministrator'] : [],
    })),
    groups: ['eng', 'leads', ...Array.from({ length: TEAMS }, (_, index) => `team-${index}`)].map(
      (id) => ({ id, displayName: `Group ${id}` }),
    ),
    memberships: everybody.flatMap((id, index) => [
      { groupId: 'eng', personId: id },
      { groupId: `team-${index % TEAMS}`, personId: id },
      ...(index < LEADS ? [{ groupId: 'leads', personId: id }] : []),
    ]),
    resources: [
      {
        id: 'wiki',
        kind: 'application',
        displayName: 'Wiki',
        connector: 'file',
        roles: [{ id: 'editor', displayName: 'Editor' }],
        ownerIds: [ADMINISTRATOR],
      },
    ],
  }
}

/** Imports {@link PEOPLE} people into the directory and creates packages for all of them. */
export const settle = async (runtime: Runtime, folder: string): Promise<void> => {
  await mkdir(folder)
  for (const [kind, entries] of Object.entries(files()))
    await writeFile(path.join(folder, `${kind}.json`), JSON.stringify(entries))
  await importDirectory(runtime.pool, folder)
  for (let index = 0; index < PACKAGES; index += 1) {
    const packageId = `package-${index}`
    const answer = await runtime.application.execute(
      {
        type: 'CreateAccessPackage',
        packageId,
        catalogId: 'default',
        displayName: packageId,
        description: '',
        hidden: false,
        resourceRoles: [{ resourceId: 'wiki', roleId: 'editor' }],
        policies: [{ policyId: 'standard', enabled: true, terms: TERMS }],
      },
      {
        commandId: deriveId('bench', packageId),
        caller: { actor: { kind: 'user', id: ADMINISTRATOR }, directoryRoles: [] },
      },
    )
    if (!answer.ok) throw new Error(answer.refusal.message)
  }
}
