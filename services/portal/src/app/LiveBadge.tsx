import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { Chip } from '../components/Chip.tsx'
import { useI18n } from '../i18n/I18n.tsx'
import type { LiveState } from '../live/live.ts'

/** Milliseconds that a lost stream may take to come back before anybody is told. */
const PATIENCE = 5000

/** Says since when the page doesn't follow any more; nothing while all is well. */
export function LiveBadge({ state }: { readonly state: LiveState }) {
  const { t, moments } = useI18n()
  const client = useQueryClient()
  const [since, setSince] = useState<string>()
  useEffect(() => {
    setSince(undefined)
    if (state !== 'down') return
    const timer = setTimeout(() => {
      const read = client
        .getQueryCache()
        .getAll()
        .map((query) => query.state.dataUpdatedAt)
      setSince(new Date(Math.max(...read)).toISOString())
    }, PATIENCE)
    return () => clearTimeout(timer)
  }, [state, client])
  return (
    <span role="status">
      {since !== undefined && (
        <Chip tone="wait">{t('live.asOf', { time: moments.time(since) })}</Chip>
      )}
    </span>
  )
}
