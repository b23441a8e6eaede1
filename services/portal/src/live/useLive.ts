import { type QueryClient, useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { noteAtLeast } from '../data/freshness.ts'
import { type Change, followChanges, type LiveState } from './live.ts'

/** Keeps everything on the page up to date while somebody is signed in; says how. */
export const useLive = (topics: readonly string[]): LiveState => {
  const client = useQueryClient()
  const [state, setState] = useState<LiveState>('connecting')
  const asked = topics.join(',')
  useEffect(() => {
    if (asked === '') return
    return followChanges({
      topics: asked.split(','),
      onChange: (change) => refresh(client, change),
      onGap: () => {
        void client.invalidateQueries({ predicate: ({ queryKey }) => FOLLOWED.has(queryKey[0]) })
      },
      onState: setState,
    })
  }, [client, asked])
  return state
}

const FOLLOWED: ReadonlySet<unknown> = new Set(['request', 'assignment', 'package'])

/**
 * Reads again what the change is about. A request makes an assignment, and both decide what may be requested: what of
 * them is shown is read again, too.
 */
const refresh = (client: QueryClient, change: Change): void => {
  noteAtLeast(change.position)
  void client.invalidateQueries({
    predicate: ({ queryKey: [kind, id] }) =>
      FOLLOWED.has(kind) &&
      (kind !== change.kind || id === change.id || id === 'list' || id === 'requestable'),
  })
}
