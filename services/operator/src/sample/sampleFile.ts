import { idSchema } from '@portcullis/core'
import { policyTermsSchema } from '@portcullis/domain'
import { z } from 'zod'

const texts = { displayName: z.string().min(1).max(256), description: z.string().max(2000) }

/** `catalogs.json` of a sample organisation: what its administrators have set up. */
export const sampleFileSchema = z.strictObject({
  catalogs: z.array(
    z.strictObject({
      catalogId: idSchema,
      ...texts,
      ownerIds: z.array(idSchema).min(1),
      managerIds: z.array(idSchema),
      resourceIds: z.array(idSchema),
    }),
  ),
  accessPackages: z.array(
    z.strictObject({
      packageId: idSchema,
      catalogId: idSchema,
      ...texts,
      hidden: z.boolean(),
      resourceRoles: z.array(z.strictObject({ resourceId: idSchema, roleId: idSchema })),
      policies: z.array(
        z.strictObject({ policyId: idSchema, enabled: z.boolean(), terms: policyTermsSchema }),
      ),
    }),
  ),
})
export type SampleFile = z.infer<typeof sampleFileSchema>
