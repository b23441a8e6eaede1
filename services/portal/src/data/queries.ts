import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../api.ts'
import { listSessions } from '../session.ts'
import { atLeast } from './freshness.ts'

/** Rows of one page of a list. */
const PAGE = 25

/** What a page shows, by the key under which live changes find it. */
export const requestQuery = (requestId: string) =>
  queryOptions({
    queryKey: ['request', requestId],
    queryFn: ({ signal }) => api.getRequest({ requestId, ...atLeast() }, { signal }),
  })

export const assignmentQuery = (assignmentId: string) =>
  queryOptions({
    queryKey: ['assignment', assignmentId],
    queryFn: ({ signal }) => api.getAssignment({ assignmentId, ...atLeast() }, { signal }),
  })

export const packageQuery = (packageId: string) =>
  queryOptions({
    queryKey: ['package', packageId],
    queryFn: ({ signal }) => api.getRequestablePackage({ packageId, ...atLeast() }, { signal }),
  })

export const whyQuery = (packageId: string) =>
  queryOptions({
    queryKey: ['package', packageId, 'why'],
    queryFn: ({ signal }) => api.whyAccessPackage({ packageId, ...atLeast() }, { signal }),
  })

/** Everything that may be requested, since search looks at all of it. */
export const requestableQuery = queryOptions({
  queryKey: ['package', 'requestable'],
  queryFn: ({ signal }) => everything(api.listRequestablePackages.all(atLeast(), { signal })),
})

type RequestFilter = Omit<NonNullable<Parameters<typeof api.listRequests>[0]>, 'cursor' | 'limit'>

export const requestsQuery = (filter: RequestFilter) =>
  infiniteQueryOptions({
    queryKey: ['request', 'list', filter],
    queryFn: ({ signal, pageParam: cursor }) =>
      api.listRequests({ ...filter, ...atLeast(), limit: PAGE, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

type AssignmentFilter = Omit<
  NonNullable<Parameters<typeof api.listAssignments>[0]>,
  'cursor' | 'limit'
>

export const assignmentsQuery = (filter: AssignmentFilter) =>
  infiniteQueryOptions({
    queryKey: ['assignment', 'list', filter],
    queryFn: ({ signal, pageParam: cursor }) =>
      api.listAssignments({ ...filter, ...atLeast(), limit: PAGE, cursor }, { signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  })

export const sessionsQuery = queryOptions({
  queryKey: ['sessions'],
  queryFn: ({ signal }) => listSessions(signal),
})

/**
 * Whether a request waits for the decision of the person who is signed in, by the server's own list: who may decide is
 * no rule of ours.
 */
export const waitsForMeQuery = (requestId: string) => {
  const [packageId = '', subjectId = ''] = requestId.split('.')
  return queryOptions({
    queryKey: ['request', requestId, 'waits'],
    queryFn: async ({ signal }) => {
      const filter = { packageId, subjectId, waitingForMe: true, ...atLeast() }
      const { items } = await api.listRequests(filter, { signal })
      return items.some(({ id }) => id === requestId)
    },
  })
}

/** Pages behind each other, as one list. */
export const rows = <Row>(
  data: { readonly pages: readonly { readonly items: readonly Row[] }[] } | undefined,
): readonly Row[] => data?.pages.flatMap((page) => page.items) ?? []

const everything = async <Item>(items: AsyncIterable<Item>): Promise<readonly Item[]> => {
  const all: Item[] = []
  for await (const item of items) all.push(item)
  return all
}
