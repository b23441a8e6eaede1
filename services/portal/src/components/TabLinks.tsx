import type { ReactNode } from 'react'
import styles from './TabLinks.module.css'

/** Parts of a screen, each with an address: links, so that they open in a new tab and come back by the back button. */
export function TabLinks({
  label,
  children,
}: {
  readonly label: string
  readonly children: ReactNode
}) {
  return (
    <nav aria-label={label} className={styles.tabs}>
      {children}
    </nav>
  )
}
