import type { UseQueryResult } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { isNotYours } from '../../data/failures.ts'
import { Failed } from './Failed.tsx'
import { Loading } from './Loading.tsx'
import { NotYours } from './NotYours.tsx'

type Asked<Data> = Pick<UseQueryResult<Data>, 'data' | 'error' | 'refetch'>

interface Properties<Data> {
  readonly query: Asked<Data>
  children(data: Data): ReactNode
  readonly lines?: number
}

/** What was asked for, or in which of the other states it is. Old data stays while it is read again. */
export function Answered<Data>({ query, children, lines = 4 }: Properties<Data>) {
  if (query.error !== null && isNotYours(query.error)) return <NotYours />
  if (query.data !== undefined) return children(query.data)
  if (query.error !== null) return <Failed error={query.error} retry={() => void query.refetch()} />
  return <Loading lines={lines} />
}
