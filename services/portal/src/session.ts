import { CSRF_HEADER, type SessionAnswer, type SessionView } from '@portcullis/api-contract'
import { fetchSession } from '@portcullis/client'
import { queryOptions, useQuery } from '@tanstack/react-query'

/** Everything that the pages know of who is signed in comes from here. */
export const sessionQuery = queryOptions({
  queryKey: ['session'],
  queryFn: async ({ signal }) => (await fetchSession({ url: '', signal })) ?? null,
  staleTime: 60_000,
  refetchOnWindowFocus: true,
})

/** Who is signed in; null: nobody, or not any more. */
export const useSession = (): SessionAnswer | null | undefined => useQuery(sessionQuery).data

/** The id of the person who is signed in; an empty text while nobody is. */
export const usePersonId = (): string => useSession()?.me.person?.id ?? ''

/** Where signing in begins; it comes back to where the person was. */
export const signInAddress = (): string =>
  `/auth/sign-in?returnTo=${encodeURIComponent(`${location.pathname}${location.search}`)}`

/** Ends the session, here and at who vouched for the person. */
export const signOut = async (csrfToken: string): Promise<void> => {
  const response = await send('POST', '/auth/sign-out', csrfToken)
  const answer: unknown = response.ok ? await response.json() : undefined
  location.assign(endSessionOf(answer) ?? '/signed-out')
}

const endSessionOf = (answer: unknown): string | undefined =>
  typeof answer === 'object' &&
  answer !== null &&
  'endSession' in answer &&
  typeof answer.endSession === 'string'
    ? answer.endSession
    : undefined

export const listSessions = async (signal: AbortSignal): Promise<readonly SessionView[]> => {
  const response = await fetch('/auth/sessions', { signal })
  if (!response.ok) throw new Error(`/auth/sessions answered ${response.status}`)
  const answer: { readonly items: readonly SessionView[] } = await response.json()
  return answer.items
}

/** @throws Error when it couldn't be ended, as one that has ended already */
export const endSession = async (id: string, csrfToken: string): Promise<void> => {
  const response = await send('DELETE', `/auth/sessions/${encodeURIComponent(id)}`, csrfToken)
  if (!response.ok && response.status !== 404)
    throw new Error(`the session could not be ended: ${response.status}`)
}

const send = (method: string, path: string, csrfToken: string): Promise<Response> =>
  fetch(path, { method, headers: { [CSRF_HEADER]: csrfToken } })
