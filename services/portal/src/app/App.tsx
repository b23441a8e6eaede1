import {
  MutationCache,
  QueryCache,
  QueryClient,
  QueryClientProvider,
  useQuery,
} from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { isSignedOut } from '../data/failures.ts'
import { Internationalised } from '../i18n/I18n.tsx'
import { sessionQuery } from '../session.ts'
import { router } from './router.tsx'

/** The session has ended: ask again who is signed in, and the page says so. */
const onError = (error: Error): void => {
  if (isSignedOut(error)) void client.invalidateQueries({ queryKey: sessionQuery.queryKey })
}

const client = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // The client tries again by itself where that may help.
    queries: { retry: false, staleTime: 5000 },
    mutations: { retry: false },
  },
})

export function App() {
  return (
    <QueryClientProvider client={client}>
      <Everything />
    </QueryClientProvider>
  )
}

function Everything() {
  const session = useQuery(sessionQuery)
  const person = session.data?.me.person
  // Until it is known who it is, the language isn't either: a flash of the wrong one is worse than a moment of none.
  if (session.isPending) return null
  return (
    <Internationalised locale={person?.locale} zone={person?.zone}>
      <RouterProvider router={router} />
    </Internationalised>
  )
}
