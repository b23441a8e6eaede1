import { useSyncExternalStore } from 'react'

let said = ''
const listeners = new Set<() => void>()

/** Says it to those who listen to the page instead of looking at it. One voice for all, so that nothing is cut off. */
export const announce = (text: string): void => {
  // The same sentence twice is said twice only if it differs.
  said = text === said ? `${text}\u00a0` : text
  for (const listener of listeners) listener()
}

const subscribe = (listener: () => void): (() => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => said)
  return (
    <div role="status" aria-live="polite" className="hidden">
      {text}
    </div>
  )
}
