import type { ReactNode } from 'react'
import styles from './Card.module.css'

interface Properties {
  readonly title?: ReactNode
  /** At the end of the title's line. */
  readonly aside?: ReactNode
  readonly tone?: 'wait' | 'bad' | 'good' | 'accent'
  readonly children: ReactNode
}

/** One subject of a page, with a heading where it has a name. */
export function Card({ title, aside, tone, children }: Properties) {
  return (
    <section className={styles.card} data-tone={tone}>
      {title !== undefined && (
        <header className={styles.head}>
          <h2>{title}</h2>
          {aside}
        </header>
      )}
      {children}
    </section>
  )
}

/** Rows that lead somewhere or do something, with a line between them. */
export function Rows({
  children,
  label,
}: {
  readonly children: ReactNode
  readonly label?: string
}) {
  return (
    <ul className={styles.rows} aria-label={label}>
      {children}
    </ul>
  )
}

interface RowProperties {
  readonly title: ReactNode
  readonly detail?: ReactNode
  readonly side?: ReactNode
}

export function Row({ title, detail, side }: RowProperties) {
  return (
    <li className={styles.row}>
      <div className={styles.text}>
        <p className={styles.title}>{title}</p>
        {detail !== undefined && <div className={styles.detail}>{detail}</div>}
      </div>
      {side !== undefined && <div className={styles.side}>{side}</div>}
    </li>
  )
}
