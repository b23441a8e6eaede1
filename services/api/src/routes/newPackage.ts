import type { operations, PolicyTermsInput } from '@portcullis/api-contract'
import type { AccessPackageCommand, PolicyTerms } from '@portcullis/domain'
import type { z } from 'zod'
import type { CommandCall } from '../route.ts'

type Body = z.output<typeof operations.createAccessPackage.body>

/** The command that a body of `createAccessPackage` stands for. */
export const newPackage = (
  body: Body,
  derive: CommandCall['derive'],
  zone: string,
): Extract<AccessPackageCommand, { type: 'CreateAccessPackage' }> => ({
  type: 'CreateAccessPackage',
  packageId: body.id ?? derive('accessPackage'),
  catalogId: body.catalogId,
  displayName: body.displayName,
  description: body.description,
  hidden: body.hidden,
  resourceRoles: body.resourceRoles,
  policies: body.policies.map((policy, index) => ({
    policyId: policy.id ?? derive('policy', index),
    enabled: policy.enabled,
    terms: inZone(policy.terms, zone),
  })),
})

/** @param zone the organisation's, for terms that name none */
export const inZone = (terms: PolicyTermsInput, zone: string): PolicyTerms => ({
  ...terms,
  zone: terms.zone ?? zone,
})
