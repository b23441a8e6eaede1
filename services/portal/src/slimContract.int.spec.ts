import { spawnSync } from 'node:child_process'
import * as contract from '@portcullis/api-contract'
import { expect, it } from 'vitest'
import { slimSource } from '../build/slimContract.ts'

/** Runs the slim contract as the module that it is, and says what this expression is there. */
const inSlim = (expression: string): unknown => {
  const source = `${slimSource()}\nconsole.log(JSON.stringify(${expression}))`
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  return JSON.parse(stdout)
}

it('the slim contract calls every operation as the whole one does', () => {
  expect(inSlim('allOperations.map((each) => ({ ...each, paged: isPaged(each) }))')).toEqual(
    contract.allOperations.map(({ id, method, path, kind, ...rest }) => ({
      id,
      method,
      path,
      kind,
      paged: contract.isPaged({ id, method, path, kind, ...rest }),
    })),
  )
  expect(inSlim('Object.keys(operations)')).toEqual(Object.keys(contract.operations))
  expect(inSlim('[CSRF_HEADER, CSRF_REFUSED, PROBLEM_MEDIA_TYPE, SESSION_PATH]')).toEqual([
    contract.CSRF_HEADER,
    contract.CSRF_REFUSED,
    contract.PROBLEM_MEDIA_TYPE,
    contract.SESSION_PATH,
  ])
})

it('its schemas take answers of the API, and nothing that lacks what is read', () => {
  const problem = { status: 404, code: 'x', detail: 'y', requestId: 'z' }
  expect(inSlim(`problemSchema.safeParse(${JSON.stringify(problem)})`)).toEqual({
    success: true,
    data: problem,
  })
  expect(inSlim('[null, 7, [], { status: 404 }].map(problemSchema.safeParse)')).toEqual(
    Array.from({ length: 4 }, () => ({ success: false })),
  )
  expect(
    inSlim('(() => { try { anyPageSchema.parse({}) } catch (error) { return error.name } })()'),
  ).toBe('TypeError')
})
