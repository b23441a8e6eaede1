import { CSV_MEDIA_TYPE, operations } from '@portcullis/api-contract'
import type { AssignmentLine, RequestLine } from '@portcullis/engine'
import { describe, expect, it, vi } from 'vitest'
import { fakeApplication } from '../testing/fakeApplication.ts'
import { testApi } from '../testing/testApi.ts'

const example = operations.listAssignments.example.answer.items[0]
const line: AssignmentLine = {
  ...operations.getAssignment.example.answer,
  subjectName: 'Müller, Zoë',
  subjectEmail: 'zoe@example.org',
  packageName: '=cmd|calc;=1+1',
  policyName: null,
  roleIds: ['git.member', 'wiki.editor'],
  roleNames: ['Git: Member', 'Wiki: Editor'],
  missingRoles: [],
}
const requestLine: RequestLine = {
  ...operations.getRequest.example.answer,
  status: 'Unfulfilled',
  subStatus: 'PartiallyFulfilled',
  justification: 'two\nlines',
  subjectName: 'Alice',
  subjectEmail: null,
  packageName: 'Web team',
  policyName: 'Staff',
  requestorName: 'Alice',
  decidedByName: null,
  errors: ['Git: Member: no answer', 'Wiki: Editor: says "no"'],
}

const one = <Line>(row: Line) =>
  async function* () {
    yield [row]
  }
const get = (url: string, application = fakeApplication()) =>
  testApi(application).inject({ method: 'GET', url, headers: { authorization: 'user alice' } })

describe('downloads as CSV (S19, S20)', () => {
  it('answer a file with a name, a header and a line for each assignment', async () => {
    expect(example).toBeDefined()
    const answer = await get('/v1/assignments.csv', fakeApplication({ assignmentLines: one(line) }))
    expect(answer.statusCode).toBe(200)
    expect(answer.headers).toMatchObject({
      'content-type': `${CSV_MEDIA_TYPE}; charset=utf-8; header=present`,
      'content-disposition': 'attachment; filename="assignments-2026-11-23.csv"',
      'cache-control': 'no-store',
    })
    expect(answer.body.split('\r\n')).toEqual([
      '\uFEFFassignmentId,status,subjectId,subjectName,subjectEmail,packageId,packageName,policyId,policyName,policyVersion,startAt,endAt,endedAt,roleIds,roleNames,missingRoles,settled,requestId,updatedAt',
      `"web-team.alice.a1","Delivered","alice","Müller, Zoë","zoe@example.org","web-team","'=cmd|calc;'=1+1","staff",,1,"${line.startAt}","${line.endAt}",,"git.member; wiki.editor","Git: Member; Wiki: Editor","",true,"web-team.alice.r1","${line.updatedAt}"`,
      '',
    ])
  })

  it('the same of requests', async () => {
    const answer = await get(
      '/v1/requests.csv',
      fakeApplication({ requestLines: one(requestLine) }),
    )
    expect(answer.headers['content-disposition']).toBe(
      'attachment; filename="requests-2026-11-23.csv"',
    )
    const [header, ...lines] = answer.body.split('\r\n')
    expect(header?.split(',')).toHaveLength(25)
    expect(lines.join('\r\n')).toContain(',"two\nlines",')
    expect(lines.join('\r\n')).toContain(',2,"Git: Member: no answer; Wiki: Editor: says ""no""",')
  })

  it('hand the filters on as the lists do, and have a header even when nothing is found', async () => {
    const assignmentLines = vi.fn(async function* () {
      yield []
    })
    const answer = await get(
      '/v1/assignments.csv?status=Active&status=Expired&policyId=staff&catalogId=engineering&atLeast=3',
      fakeApplication({ assignmentLines }),
    )
    expect(answer.body).toMatch(/^\uFEFFassignmentId,[\w,]+\r\n$/)
    expect(assignmentLines).toHaveBeenCalledExactlyOnceWith(
      { actor: { kind: 'user', id: 'alice' }, directoryRoles: [] },
      { status: ['Active', 'Expired'], policyId: 'staff', catalogId: 'engineering' },
    )
  })

  it.each(['limit=5', 'status=Nope', 'submittedFrom=yesterday'])('refuse ?%s', async (search) => {
    const answer = await get(`/v1/requests.csv?${search}`)
    expect([answer.statusCode, answer.json().code]).toEqual([400, 'input.invalid'])
  })

  it('answer an error that comes before the first line as a problem', async () => {
    const broken = async function* (): AsyncGenerator<RequestLine[]> {
      yield await Promise.reject(new Error('broken'))
    }
    const answer = await get('/v1/requests.csv', fakeApplication({ requestLines: broken }))
    expect([answer.statusCode, answer.json().code]).toEqual([500, 'internal'])
  })

  it('are not read for a HEAD', async () => {
    const requestLines = vi.fn(one(requestLine))
    const answer = await testApi(fakeApplication({ requestLines })).inject({
      method: 'HEAD',
      url: '/v1/requests.csv',
      headers: { authorization: 'user alice' },
    })
    expect([answer.statusCode, answer.headers.allow]).toEqual([405, 'GET'])
    expect(requestLines).not.toHaveBeenCalled()
  })
})
