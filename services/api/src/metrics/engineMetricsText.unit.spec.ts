import { describe, expect, it } from 'vitest'
import { noFacts } from '../testing/fakeMonitor.ts'
import { engineMetricsText } from './engineMetricsText.ts'

const HOUR = 3_600_000
const at = '2026-06-01T10:00:00.000Z'

describe('the text of what all processes share', () => {
  it('holds every family, with histograms that were counted in the views', async () => {
    const { contentType, text } = await engineMetricsText({
      at,
      views: {
        at,
        removals: [
          {
            resourceId: 'wiki',
            count: 5,
            sumMillis: 2 * HOUR,
            atMost: [1, 1, 2, 2, 3, 3, 4, 5, 5, 5],
          },
        ],
        openRemovals: [{ resourceId: 'wiki', open: 2, oldestEndedAt: '2026-06-01T09:00:00.000Z' }],
        problems: [
          {
            kind: 'access',
            resourceId: 'wiki',
            operation: 'revoke',
            state: 'failing',
            count: 2,
            oldest: '2026-06-01T09:30:00.000Z',
          },
          {
            kind: 'overdue',
            resourceId: null,
            operation: null,
            state: 'found',
            count: 1,
            oldest: '2026-06-01T09:50:00.000Z',
          },
        ],
        problemsOlder: [2, 1, 0],
        oldestDueAt: '2026-06-01T09:59:57.000Z',
      },
      subscriptions: [
        {
          kind: 'projection',
          name: 'grants',
          events: 12,
          seconds: 3.5,
          paused: true,
          owner: 'host-1 17',
        },
        { kind: 'reactor', name: 'mail', events: 0, seconds: 0, paused: false, owner: null },
      ],
      queues: new Map([
        [
          'provision',
          {
            waiting: 3,
            delayed: 2,
            active: 1,
            failed: 0,
            oldestReadyAt: '2026-06-01T09:59:00.000Z',
          },
        ],
      ]),
      mails: { count: 4, oldestAt: '2026-06-01T09:58:00.000Z' },
      sweptAt: '2026-06-01T09:59:30.000Z',
      promisesCheckedAt: '2026-06-01T04:00:00.000Z',
    })
    expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8')
    const lines = text.split('\n')
    for (const line of [
      '# TYPE portcullis_removal_lag_seconds histogram',
      'portcullis_removal_lag_seconds_bucket{resource="wiki",le="1"} 1',
      'portcullis_removal_lag_seconds_bucket{resource="wiki",le="3600"} 4',
      'portcullis_removal_lag_seconds_bucket{resource="wiki",le="+Inf"} 5',
      'portcullis_removal_lag_seconds_sum{resource="wiki"} 7200',
      'portcullis_removal_lag_seconds_count{resource="wiki"} 5',
      'portcullis_removals_open{resource="wiki"} 2',
      'portcullis_removal_oldest_seconds{resource="wiki"} 3600',
      'portcullis_open_problems{kind="access",resource="wiki",operation="revoke",state="failing"} 2',
      'portcullis_open_problem_oldest_seconds{kind="access",resource="wiki",operation="revoke",state="failing"} 1800',
      'portcullis_open_problem_oldest_seconds{kind="overdue",resource="",operation="",state="found"} 600',
      'portcullis_open_problems_older{than="3600"} 2',
      'portcullis_open_problems_older{than="604800"} 0',
      'portcullis_subscription_lag_events{kind="projection",subscription="grants"} 12',
      'portcullis_subscription_lag_seconds{kind="projection",subscription="grants"} 3.5',
      'portcullis_subscription_paused{kind="projection",subscription="grants"} 1',
      'portcullis_subscription_owned{kind="projection",subscription="grants"} 1',
      'portcullis_subscription_owned{kind="reactor",subscription="mail"} 0',
      'portcullis_subscription_owner{kind="projection",subscription="grants",owner="host-1 17"} 1',
      'portcullis_queue_jobs{queue="provision",state="waiting"} 3',
      'portcullis_queue_oldest_job_seconds{queue="provision"} 60',
      'portcullis_mails_unsent 4',
      'portcullis_mail_oldest_unsent_seconds 120',
      'portcullis_deadline_oldest_due_seconds 3',
      'portcullis_look_success{part="queues"} 1',
      'portcullis_sweep_last_seconds 30',
      'portcullis_promises_check_last_seconds 21600',
    ])
      expect(lines).toContain(line)
  })

  it('has no value for what could not be looked up, and says so', async () => {
    const { text } = await engineMetricsText(noFacts)
    expect(text.match(/^[^#\n].*$/gm)).toEqual(
      ['views', 'subscriptions', 'queues', 'mails'].map(
        (part) => `portcullis_look_success{part="${part}"} 0`,
      ),
    )
  })
})
