import type { Access } from '../connector.ts'

/** An access for specs: the subject's user name and address follow from its id. */
export const accessOf = (
  subjectId: string,
  groupId: string,
  role = 'member',
  resourceId = 'team-site',
): Access => ({
  resource: { id: resourceId, externalId: groupId },
  role: { id: role, externalId: role },
  subject: {
    id: subjectId,
    userName: `${subjectId}@northwind.example`,
    email: `${subjectId}@mail.northwind.example`,
    displayName: `Person ${subjectId}`,
  },
})
