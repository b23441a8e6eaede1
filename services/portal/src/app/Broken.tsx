import { useQueryClient } from '@tanstack/react-query'
import { type ErrorComponentProps, useRouter } from '@tanstack/react-router'
import { Failed } from '../components/states/Failed.tsx'

/** A page couldn't be loaded, or has a fault: as any other failure, with another try. */
export function Broken({ error, reset }: ErrorComponentProps) {
  const router = useRouter()
  const client = useQueryClient()
  const failure = error instanceof Error ? error : new Error(String(error))
  const retry = (): void => {
    // A part of the page that is gone since the portal was built anew comes with a fresh page only.
    if (failure.message.includes('dynamically imported module')) location.reload()
    reset()
    void client.invalidateQueries()
    void router.invalidate()
  }
  return <Failed error={failure} retry={retry} />
}
