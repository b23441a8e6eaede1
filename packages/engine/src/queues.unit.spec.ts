import { describe, expect, it } from 'vitest'
import {
  alarmJob,
  BACKGROUND,
  CHUNK,
  fanOutJob,
  jobSchemas,
  laterMailJob,
  laterProvisionJob,
  mailJobs,
  provisionJobs,
  reconcileJobs,
} from './queues.ts'

const ids = (count: number) => Array.from({ length: count }, (_, index) => `p.person-${index}`)

describe('jobs', () => {
  it('are cut into chunks, each id once, none for nobody', () => {
    const jobs = reconcileJobs([...ids(CHUNK * 2 + 1), 'p.person-0'])
    expect(jobs.map(({ data }) => jobSchemas.reconcile.parse(data).entitlementIds.length)).toEqual([
      CHUNK,
      CHUNK,
      1,
    ])
    expect(jobs.flatMap(({ data }) => data.entitlementIds)).toEqual(ids(CHUNK * 2 + 1))
    expect([reconcileJobs([]), provisionJobs([]), mailJobs([])]).toEqual([[], [], []])
  })

  it('give way when they run in the background', () => {
    expect(reconcileJobs(ids(1), BACKGROUND)).toMatchObject([{ priority: 10 }])
    expect(reconcileJobs(ids(1))[0]).not.toHaveProperty('priority')
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

  it('are one for the same thing at the same time, another for another time', () => {
    const [one, two] = ['2026-06-01T08:00:00.000Z', '2026-06-01T09:00:00.000Z'] as const
    for (const later of [laterProvisionJob, laterMailJob]) {
      expect(later('id', one)).toEqual(later('id', one))
      expect(later('id', one).key).not.toBe(later('id', two).key)
      expect(later('id', one).key).not.toBe(later('other', one).key)
      expect(later('id', two).runAt).toBe(two)
    }
    expect(alarmJob(one).key).not.toBe(alarmJob(two).key)
    expect(fanOutJob('p', '7').key).not.toBe(fanOutJob('p', '8').key)
  })
})
