import { createInstruments, type EngineFacts, type Monitor } from '@portcullis/runtime'

/** Nothing was looked up. */
export const noFacts: EngineFacts = {
  at: '2026-06-01T10:00:00.000Z',
  views: undefined,
  subscriptions: undefined,
  queues: undefined,
  mails: undefined,
  sweptAt: undefined,
  promisesCheckedAt: undefined,
}

/** Of a process that is ready and has counted nothing. */
export const fakeMonitor = (
  overrides: Partial<Monitor> = {},
): Pick<Monitor, 'readiness' | 'instruments' | 'facts'> => ({
  readiness: {
    report: async () => ({ status: 'ready', checks: {} }),
    drain: () => {},
    draining: false,
  },
  instruments: createInstruments({ process: false }),
  facts: async () => noFacts,
  ...overrides,
})
