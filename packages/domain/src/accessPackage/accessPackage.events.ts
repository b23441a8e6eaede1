// These names and shapes are the storage format. A change is a new version with an upcaster, never an edit.
import { idSchema } from '@portcullis/core'
import { z } from 'zod'
import { policyTermsSchema } from '../policyTerms.ts'
import { textSchema } from '../text.ts'

const packageId = idSchema
const policyId = idSchema
const name = textSchema(1, 256)
const description = textSchema(0, 2000)
const version = z.int().min(1)

export const accessPackageEvents = {
  'AccessPackageCreated.v1': z.object({
    packageId,
    catalogId: idSchema,
    displayName: name,
    description,
    hidden: z.boolean(),
  }),
  'AccessPackageRenamed.v1': z.object({ packageId, displayName: name, description }),
  'AccessPackageHidden.v1': z.object({ packageId }),
  'AccessPackageShown.v1': z.object({ packageId }),
  /**
   * `rolesVersion` counts changes of the package's roles, from 1; an assignment records the one that it was delivered
   * at.
   */
  'ResourceRoleAdded.v1': z.object({
    packageId,
    resourceId: idSchema,
    roleId: idSchema,
    rolesVersion: version,
  }),
  'ResourceRoleRemoved.v1': z.object({
    packageId,
    resourceId: idSchema,
    roleId: idSchema,
    rolesVersion: version,
  }),
  /**
   * Comes before the change of roles that it is about. It is rolled out to those who have the package already when the
   * engine says that it starts.
   */
  'RollOutQueued.v1': z.object({ packageId, rolesVersion: version }),
  /** The same, but it doesn't start until somebody releases it, which queues it. */
  'RollOutHeld.v1': z.object({ packageId, rolesVersion: version }),
  /** From here on everybody's roles become those of this version. */
  'RollOutStarted.v1': z.object({ packageId, rolesVersion: version }),
  /** Those whom it hasn't reached by now keep the roles that they have. */
  'RollOutPaused.v1': z.object({ packageId, rolesVersion: version }),
  'RollOutResumed.v1': z.object({ packageId, rolesVersion: version }),
  /**
   * Before it started. The changes that bring the roles back to those of version `sameAs` follow, up to `rolesVersion`:
   * who is at the one has all of the other.
   */
  'RollOutCancelled.v1': z.object({
    packageId,
    rolesVersion: z.int().min(0),
    sameAs: z.int().min(0),
  }),
  'PolicyAdded.v1': z.object({
    packageId,
    policyId,
    policyVersion: z.literal(1),
    enabled: z.boolean(),
    terms: policyTermsSchema,
  }),
  'PolicyChanged.v1': z.object({
    packageId,
    policyId,
    policyVersion: z.int().min(2),
    terms: policyTermsSchema,
  }),
  'PolicyEnabled.v1': z.object({ packageId, policyId }),
  'PolicyDisabled.v1': z.object({ packageId, policyId }),
  'PolicyRemoved.v1': z.object({ packageId, policyId }),
  'AccessPackageDeleted.v1': z.object({ packageId }),
} as const
