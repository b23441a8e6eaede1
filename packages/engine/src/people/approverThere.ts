import type { Instant } from '@portcullis/core'
import type { Directory } from '@portcullis/directory'
import { type EntitlementState, findRequest, openStage } from '@portcullis/domain'

/**
 * Whether anybody is there who may decide on the open stage of a request: enabled, named or in a group that is, neither
 * the subject nor the requestor (S11), and not who has approved an earlier stage.
 * @returns undefined where no stage is open
 */
export const approverThere = async (
  directory: Pick<Directory, 'people' | 'membersOf'>,
  state: EntitlementState,
  requestId: string,
  now: Instant,
): Promise<boolean | undefined> => {
  const request = findRequest(state, requestId)
  const stage = request && openStage(request)
  if (request === undefined || stage === undefined) return undefined
  const may = ({ id, enabled }: { readonly id: string; readonly enabled: boolean }): boolean =>
    enabled &&
    id !== state.subjectId &&
    id !== request.requestorId &&
    !request.approvedBy.includes(id)
  const named = stage.approvers.filter(({ kind }) => kind === 'user').map(({ id }) => id)
  if ([...(await directory.people(named)).values()].some(may)) return true
  for (const { kind, id } of stage.approvers)
    if (kind === 'group' && (await directory.membersOf(id, now)).some(may)) return true
  return false
}
