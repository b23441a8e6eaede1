import { describe, expect, it } from 'vitest'
import {
  alarmAgain,
  alarmJob,
  alarmSecond,
  fanOutJob,
  jobSchemas,
  laneOf,
  laterMailJob,
  laterProvisionJobs,
  mailJobs,
  newMailJobs,
  ORDINARY,
  provisionJobs,
  ROLL_OUT,
  reconcileJobs,
} from './queues.ts'

const ids = (count: number) => Array.from({ length: count }, (_, index) => `p.person-${index}`)

const laterGrantJob = (grantId: string, at: string) => {
  const [job] = laterProvisionJobs([{ grantId, at }])
  if (job === undefined) throw new Error('no job')
  return job
}

describe('jobs', () => {
  it('are cut into chunks, each id once, none for nobody', () => {
    for (const course of [ORDINARY, ROLL_OUT]) {
      const all = ids(course.chunk * 2 + 1)
      const jobs = reconcileJobs([...all, 'p.person-0'], course)
      expect(
        jobs.map(({ data }) => jobSchemas.reconcile.parse(data).entitlementIds.length),
      ).toEqual([course.chunk, course.chunk, 1])
      expect(jobs.flatMap(({ data }) => data.entitlementIds)).toEqual(all)
    }
    expect([reconcileJobs([]), provisionJobs([]), mailJobs([])]).toEqual([[], [], []])
  })

  it.each([
    ['2026-06-01T08:00:00.000Z', '2026-06-01T08:00:00.000Z'],
    ['2026-06-01T08:00:00.001Z', '2026-06-01T08:00:01.000Z'],
    ['2026-12-31T23:59:59.999Z', '2027-01-01T00:00:00.000Z'],
  ])('for what is due at %s rings at %s', (dueAt, second) => {
    expect(alarmSecond(dueAt)).toBe(second)
  })

  it('of a roll-out have a queue of their own, and what follows from one stays on it', () => {
    expect(reconcileJobs(ids(1))[0]?.queue).toBe('provision')
    for (const jobs of [reconcileJobs(ids(1), ROLL_OUT), provisionJobs(ids(1), ROLL_OUT)])
      expect(jobs.map(({ queue }) => laneOf(queue))).toEqual([ROLL_OUT])
    expect(laneOf('provision')).toBe(ORDINARY)
  })

  it('sends what is due at once in one job, and each of the others when it is due', () => {
    const now = '2026-03-01T09:00:00.000Z'
    const later = '2026-03-01T09:15:00.000Z'
    const jobs = newMailJobs(
      [
        { id: 'a', dueAt: now },
        { id: 'b', dueAt: later },
        { id: 'c', dueAt: now },
      ],
      now,
    )
    expect(jobs).toEqual([...mailJobs(['a', 'c']), laterMailJob('b', later)])
  })

  it('carry what their schemas say', () => {
    expect(jobSchemas.provision.parse(provisionJobs(['wiki.member.alice'])[0]?.data)).toEqual({
      grantIds: ['wiki.member.alice'],
    })
    expect(jobSchemas.mail.parse(mailJobs(['m'])[0]?.data)).toEqual({ mailIds: ['m'] })
    expect(jobSchemas.fanOut.parse(fanOutJob('p', '7').data)).toEqual({
      packageId: 'p',
      position: '7',
    })
  })

  it('look again at many grants together, whoever asks for it', () => {
    const [one, two] = ['2026-06-01T08:00:00.000Z', '2026-06-01T09:00:00.000Z'] as const
    const looks = ['b', 'a', 'c'].map((grantId) => ({ grantId, at: one }))
    const [job, more] = laterProvisionJobs(looks)
    expect(job).toMatchObject({ data: { grantIds: ['a', 'b', 'c'] }, runAt: one })
    expect(more).toBeUndefined()
    expect(laterProvisionJobs(looks.toReversed())[0]?.key).toBe(job?.key)
    expect(laterProvisionJobs([...looks, { grantId: 'a', at: two }])).toHaveLength(2)
    expect(laterProvisionJobs([])).toEqual([])
  })

  it('are one for the same thing at the same time, another for another time', () => {
    const [one, two] = ['2026-06-01T08:00:00.000Z', '2026-06-01T09:00:00.000Z'] as const
    for (const later of [laterGrantJob, laterMailJob]) {
      expect(later('id', one)).toEqual(later('id', one))
      expect(later('id', one).key).not.toBe(later('id', two).key)
      expect(later('id', one).key).not.toBe(later('other', one).key)
      expect(later('id', two).runAt).toBe(two)
    }
    expect(alarmJob(one).key).not.toBe(alarmJob(two).key)
    expect(alarmAgain(one, two).key).not.toBe(alarmJob(one).key)
    expect(alarmAgain(one, two)).toMatchObject({ runAt: one, data: { second: one } })
    expect(fanOutJob('p', '7').key).not.toBe(fanOutJob('p', '8').key)
  })
})
