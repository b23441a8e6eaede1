import type { ReactNode } from 'react'
import { Icon } from '../Icon.tsx'
import styles from './states.module.css'

interface Properties {
  /** What has changed. */
  readonly title: string
  /** By whom and when. */
  readonly children: ReactNode
  /** Words that the person wrote and that nobody gets now: kept to be copied. */
  readonly kept?: { readonly label: string; readonly text: string } | undefined
  /** To what is the case now, or elsewhere. */
  readonly action?: ReactNode
}

/** Somebody was first: who and when, the person's own words, and a way to what is the case now. */
export function Conflict({ title, children, kept, action }: Properties) {
  return (
    <section role="alert" className={styles.conflict}>
      <h2>
        <Icon name="info" />
        {title}
      </h2>
      <div>{children}</div>
      {kept !== undefined && kept.text !== '' && (
        <label className={styles.kept}>
          {kept.label}
          <textarea readOnly rows={3} dir="auto" value={kept.text} />
        </label>
      )}
      {action}
    </section>
  )
}
