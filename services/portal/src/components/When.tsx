import { useSyncExternalStore } from 'react'
import { useI18n } from '../i18n/I18n.tsx'

const MINUTE = 60_000
let now = Date.now()

/** Everything that says "in 3 days" is told once a minute. */
const subscribe = (changed: () => void): (() => void) => {
  const timer = setInterval(() => {
    now = Date.now()
    changed()
  }, MINUTE)
  return () => clearInterval(timer)
}

export const useNow = (): number => useSyncExternalStore(subscribe, () => now)

interface Properties {
  readonly at: string
  /** `both`: the instant, and how far it is. */
  readonly as?: 'relative' | 'full' | 'both'
}

/** An instant in the person's words and zone; the zone's name is in the hint. */
export function When({ at, as = 'relative' }: Properties) {
  const { moments } = useI18n()
  const relative = moments.relative(at, useNow())
  const full = moments.full(at)
  return (
    <time dateTime={at} title={moments.exact(at)}>
      {as === 'relative' ? relative : as === 'full' ? full : `${full} (${relative})`}
    </time>
  )
}
