import {
  currentAssignment,
  entitlementDecider,
  entitlementStream,
  pendingRequest,
} from '@portcullis/domain'
import { ENGINE, ENGINE_FACTS } from '../facts/engineFacts.ts'
import type { ProvisionDependencies } from './provisionGrants.ts'
import type { Situation } from './situation.ts'

/**
 * What came in while the package was being deleted ends with it (S24).
 * @returns those that something ended of: look again then
 */
export const endWithPackages = async (
  { handleMany, newId }: Pick<ProvisionDependencies, 'handleMany' | 'newId'>,
  situations: readonly Situation[],
): Promise<ReadonlySet<Situation>> => {
  const open = situations.filter(
    ({ entitlement: { state }, inPackage }) =>
      inPackage.loaded.state.deleted &&
      (pendingRequest(state) !== undefined || currentAssignment(state) !== undefined),
  )
  if (open.length === 0) return new Set()
  await handleMany(
    open.map(({ entitlementId, entitlement }) => ({
      stream: entitlementStream(entitlementId),
      decider: entitlementDecider,
      known: entitlement,
      commands: [
        {
          command: { type: 'EndWithPackage' as const },
          envelope: { commandId: newId(), actor: ENGINE },
        },
      ],
      facts: () => ({ ...ENGINE_FACTS, package: { exists: false, policies: [] } }),
    })),
  )
  return new Set(open)
}
