import { codeOf, inBatchSpan, noTracing, type RecordedEvent } from '@portcullis/core'
import type { PortcullisEvent } from '@portcullis/domain'
import { mailEventTypes } from '@portcullis/notifications'
import { isTransientError, type Sql } from '@portcullis/postgres'
import type { LeasedSubscription } from '@portcullis/subscriptions'
import { errorText } from '../log.ts'
import { newMailJobs } from '../queues.ts'
import { JOB_ROUTER, MAIL_REACTOR } from '../reactors.ts'
import { ROUTED_TYPES, routeToJobs } from './jobRouter.ts'
import { addMails, type TracedMail } from './mailReactor.ts'

import type { WorkerDependencies } from './workerDependencies.ts'

const BATCH = 500

/** What turns events into jobs and mails, as subscriptions that have one owner at a time. */
export const createReactorSubscriptions = (
  dependencies: WorkerDependencies,
): readonly LeasedSubscription[] => {
  const { store, subscriptions, clock, jobs, progress, log, settings } = dependencies
  const tracing = dependencies.tracing ?? noTracing

  const reactor = (
    name: string,
    types: readonly string[],
    react: (events: readonly RecordedEvent<PortcullisEvent>[], tx: Sql) => Promise<void>,
    committed: () => Promise<void>,
  ): LeasedSubscription => ({
    name,
    run: ({ epoch, signal }) =>
      subscriptions.run({
        name,
        epoch,
        store,
        clock,
        types,
        batchSize: BATCH,
        startAt: 'end',
        signal,
        handle: (events, tx) =>
          inBatchSpan(tracing, `react ${name}`, events, () =>
            // The codec only lets in what the schemas name.
            react(events as readonly RecordedEvent<PortcullisEvent>[], tx),
          ),
        progress: {
          ...progress,
          moved: (moved, position) => {
            // The next sweep queues what is in the outbox, should this fail.
            committed().catch((error: unknown) =>
              log.warn({ error: errorText(error) }, 'mails could not be queued'),
            )
            progress.moved(moved, position)
          },
        },
        isTransient: (error) => isTransientError(error) || isQueueError(error),
        onProblem: ({ kind, error, position }) =>
          log.error(
            { subscription: name, kind, position: position?.toString(), error: errorText(error) },
            kind === 'paused' ? 'a reactor is paused' : 'a reactor tries again',
          ),
      }),
  })

  const jobRouter = reactor(
    JOB_ROUTER,
    ROUTED_TYPES,
    async (events) => jobs.enqueue(routeToJobs(events, clock.now(), settings.horizonMillis)),
    async () => {},
  )

  /** In the outbox, and not in the queue yet. */
  const added: TracedMail[] = []
  const mailReactor = reactor(
    MAIL_REACTOR,
    mailEventTypes,
    async (events, tx) => {
      added.push(
        ...(await addMails(
          { lookups: dependencies.mailLookups, outbox: dependencies.outbox },
          events,
          tx,
          clock.now(),
        )),
      )
    },
    async () => jobs.enqueue(newMailJobs(added.splice(0), clock.now())),
  )

  return [jobRouter, mailReactor]
}

const isQueueError = (error: unknown): boolean => codeOf(error)?.startsWith('jobs.') === true
