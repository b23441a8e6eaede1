import { useQuery } from '@tanstack/react-query'
import { api } from '../api.ts'
import { atLeast } from '../data/freshness.ts'

/** Most that the badge counts to. */
const MOST = 100

/** How many requests wait for the person's decision; from 100 on, 100. */
export const useToDecide = (): number | undefined =>
  useQuery({
    queryKey: ['request', 'list', 'count'],
    queryFn: async ({ signal }) =>
      (await api.listRequests({ waitingForMe: true, limit: MOST, ...atLeast() }, { signal })).items
        .length,
  }).data
