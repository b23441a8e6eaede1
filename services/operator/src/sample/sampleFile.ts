import { idSchema } from '@portcullis/core'
import { policyTermsSchema } from '@portcullis/domain'
import { z } from 'zod'

const name = z.string().min(1).max(256)
const description = z.string().max(2000).default('')

/** `catalogs.json` of a sample organisation: what its administrators have set up. */
export const sampleFileSchema = z.strictObject({
  organisation: name,
  /** IANA zone in which the policies count days. */
  zone: z.string(),
  catalogs: z.array(
    z.strictObject({
      id: idSchema,
      displayName: name,
      description,
      ownerIds: z.array(idSchema),
      packageManagerIds: z.array(idSchema).default([]),
      resourceIds: z.array(idSchema),
    }),
  ),
  packages: z.array(
    z.strictObject({
      id: idSchema,
      catalogId: idSchema,
      displayName: name,
      description,
      hidden: z.boolean().default(false),
      resourceRoles: z.array(z.strictObject({ resourceId: idSchema, roleId: idSchema })),
      policies: z.array(
        z.strictObject({
          id: idSchema,
          enabled: z.boolean().default(true),
          terms: policyTermsSchema,
        }),
      ),
    }),
  ),
})
export type SampleFile = z.infer<typeof sampleFileSchema>
