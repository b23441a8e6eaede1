import { Validator } from '@seriousme/openapi-schema-validator'
import { describe, expect, it } from 'vitest'
import { openApiDocument } from './openApi.ts'
import { allOperations, operations } from './operations.ts'

const document = openApiDocument('http://localhost:8080', '0.1.0')

describe('the OpenAPI document', () => {
  it('is valid OpenAPI 3.1', async () => {
    const result = await new Validator().validate({ ...document })
    expect(result).toEqual({ valid: true })
  })

  it('refers to nothing that it does not hold', () => {
    const references = [...JSON.stringify(document).matchAll(/"#\/components\/(\w+)\/([\w-]+)"/g)]
    expect(references.length).toBeGreaterThan(50)
    const components = new Map<string, object>(Object.entries(document.components))
    for (const [, group = '', name = ''] of references) {
      expect(Object.keys(components.get(group) ?? {}), `${group}/${name}`).toContain(name)
    }
    expect(JSON.stringify(document)).not.toContain('#/$defs')
  })

  it('has every operation once, with an example of its answer', () => {
    const found = Object.values(document.paths).flatMap((methods) => Object.values(methods))
    expect(found.map((operation) => operation.operationId).sort()).toEqual(
      Object.keys(operations).sort(),
    )
    expect(allOperations.map(({ id }) => id)).toEqual(Object.keys(operations))
  })

  it('says what each parameter is, and which are needed', () => {
    const list = document.paths['/v1/requests']?.get?.parameters ?? []
    const limit = list.find(({ name }) => name === 'limit')
    expect(limit).toMatchObject({
      in: 'query',
      required: false,
      schema: { type: 'integer', minimum: 1, maximum: 200, default: 50 },
    })
    const one = document.paths['/v1/requests/{requestId}']?.get?.parameters ?? []
    expect(one.find(({ name }) => name === 'requestId')).toMatchObject({
      in: 'path',
      required: true,
    })
  })

  it('says which bodies are needed', () => {
    expect(document.paths['/v1/catalogs']?.post?.requestBody?.required).toBe(true)
    expect(document.paths['/v1/requests/{requestId}/approve']?.post?.requestBody?.required).toBe(
      false,
    )
  })
})

describe('each example is what its schema says', () => {
  it.each(allOperations.map((operation) => [operation.id, operation] as const))(
    '%s',
    (_, operation) => {
      const { body, answer } = operation.example
      expect(operation.body.safeParse(body)).toMatchObject({ success: true })
      expect(operation.answer.parse(answer)).toEqual(answer)
    },
  )
})
