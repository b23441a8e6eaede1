/** What a stream says: something of this kind has changed, and nothing of what it holds. */
export interface Change {
  readonly kind: string
  readonly id: string
  readonly position: string
}

/** `live`: changes arrive by themselves. `asking`: they are asked for every quarter of a minute. `down`: neither. */
export type LiveState = 'connecting' | 'live' | 'asking' | 'down'

export interface LiveOptions {
  readonly topics: readonly string[]
  onChange(change: Change): void
  /** Something may have been missed: everything shown is read again. */
  onGap(): void
  onState(state: LiveState): void
}

/** Milliseconds between two reads where there is no stream. */
const ASK_EVERY = 15_000
/** Milliseconds until a stream that was refused is tried again. */
const TRY_AGAIN = 60_000

/**
 * Follows changes while the page is visible. A hidden page holds no stream, so that a browser with many tabs stays
 * below its six connections; when it is shown again, it reads everything anew.
 * @returns how to stop
 */
export const followChanges = ({ topics, onChange, onGap, onState }: LiveOptions): (() => void) => {
  let source: EventSource | undefined
  let asking: ReturnType<typeof setInterval> | undefined
  let again: ReturnType<typeof setTimeout> | undefined
  let opened = false

  const stop = (): void => {
    source?.close()
    source = undefined
    clearInterval(asking)
    clearTimeout(again)
    asking = undefined
  }

  const ask = (): void => {
    asking ??= setInterval(onGap, ASK_EVERY)
  }

  const open = (): void => {
    stop()
    if (document.visibilityState === 'hidden') return
    if (typeof EventSource === 'undefined') {
      onState('asking')
      ask()
      return
    }
    const stream = new EventSource(`/v1/events?topics=${encodeURIComponent(topics.join(','))}`)
    source = stream
    stream.addEventListener('open', () => {
      clearInterval(asking)
      asking = undefined
      onState('live')
      if (opened) onGap()
      opened = true
    })
    stream.addEventListener('changed', (event) => {
      const change = changeOf(event.data)
      if (change !== undefined) onChange(change)
    })
    stream.addEventListener('bye', () => {
      // The server stops or starts anew. Not all at once.
      stream.close()
      again = setTimeout(open, 500 + Math.random() * 2500)
    })
    stream.addEventListener('error', () => {
      ask()
      // CONNECTING: the browser tries again by itself. CLOSED: it was answered, and won't.
      if (stream.readyState !== EventSource.CLOSED) {
        onState(opened ? 'down' : 'asking')
        return
      }
      onState('asking')
      again = setTimeout(open, TRY_AGAIN)
    })
  }

  const shown = (): void => {
    if (document.visibilityState === 'hidden') stop()
    else if (source === undefined) {
      open()
      onGap()
    }
  }
  document.addEventListener('visibilitychange', shown)
  open()
  return () => {
    document.removeEventListener('visibilitychange', shown)
    stop()
  }
}

/** @returns undefined for what isn't a change */
export const changeOf = (data: unknown): Change | undefined => {
  try {
    const found: unknown = JSON.parse(String(data))
    if (typeof found !== 'object' || found === null) return undefined
    const { kind, id, position } = found as Readonly<Record<string, unknown>>
    return typeof kind === 'string' && typeof id === 'string' && typeof position === 'string'
      ? { kind, id, position }
      : undefined
  } catch {
    return undefined
  }
}
