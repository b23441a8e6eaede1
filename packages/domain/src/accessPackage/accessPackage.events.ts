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
  /** `rolesVersion` counts changes of the package's roles, from 1; an assignment records the one that it was delivered at. */
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
