import { readFileSync } from 'node:fs'
import { idSchema } from '@portcullis/core'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { policyTermsSchema } from './policyTerms.ts'
import { textSchema } from './text.ts'

const file = new URL('../../../examples/northwind-harbour/catalogs.json', import.meta.url)
const content: unknown = JSON.parse(readFileSync(file, 'utf8'))

const sampleSchema = z.strictObject({
  catalogs: z.array(
    z.strictObject({
      catalogId: idSchema,
      displayName: textSchema(1, 256),
      description: textSchema(0, 2000),
      ownerIds: z.array(idSchema).min(1),
      managerIds: z.array(idSchema),
      resourceIds: z.array(idSchema),
    }),
  ),
  accessPackages: z.array(
    z.strictObject({
      packageId: idSchema,
      catalogId: idSchema,
      displayName: textSchema(1, 256),
      description: textSchema(0, 2000),
      hidden: z.boolean(),
      resourceRoles: z.array(z.strictObject({ resourceId: idSchema, roleId: idSchema })),
      policies: z.array(
        z.strictObject({ policyId: idSchema, enabled: z.boolean(), terms: policyTermsSchema }),
      ),
    }),
  ),
})

describe('the sample organisation', () => {
  const sample = sampleSchema.parse(content)
  const terms = sample.accessPackages.flatMap(({ policies }) =>
    policies.map((policy) => policy.terms),
  )

  it('holds catalogs and packages that parse without losing a field', () => {
    expect(sample).toEqual(content)
    expect(sample.catalogs).toHaveLength(5)
    expect(sample.accessPackages).toHaveLength(15)
  })

  it('puts every package into a catalog that has its resources', () => {
    const resources = new Map(sample.catalogs.map((it) => [it.catalogId, it.resourceIds]))
    for (const { packageId, catalogId, resourceRoles } of sample.accessPackages) {
      if (catalogId === 'default') continue
      const missing = resourceRoles.filter(
        ({ resourceId }) => !resources.get(catalogId)?.includes(resourceId),
      )
      expect({ packageId, missing }).toEqual({ packageId, missing: [] })
    }
  })

  it('shows every kind of requestors, approval, expiration and extension', () => {
    const kinds = (of: (term: (typeof terms)[number]) => unknown) => new Set(terms.map(of))
    expect(kinds((term) => term.requestors.kind)).toEqual(
      new Set(['directory', 'external', 'none']),
    )
    expect(kinds((term) => term.approval.required)).toEqual(new Set([true, false]))
    expect(kinds((term) => term.expiration.kind)).toEqual(
      new Set(['never', 'onDate', 'afterDays', 'afterHours']),
    )
    expect(kinds((term) => term.extension.allowed && term.extension.approvalRequired)).toEqual(
      new Set([false, true]),
    )
    expect(sample.accessPackages.some(({ hidden }) => hidden)).toBe(true)
    expect(sample.accessPackages.some(({ policies }) => policies.some((it) => !it.enabled))).toBe(
      true,
    )
  })

  it('asks for approval of an extension only where a request needs one too', () => {
    for (const { approval, extension, displayName } of terms) {
      if (extension.allowed && extension.approvalRequired)
        expect({ displayName, required: approval.required }).toEqual({
          displayName,
          required: true,
        })
    }
  })
})
