import { type ReactNode, useEffect, useRef } from 'react'
import { Icon } from './Icon.tsx'
import styles from './Page.module.css'

interface Properties {
  /** The h1, and the first part of the window's title. */
  readonly title: string
  readonly intro?: ReactNode
  /** The way up: a link. */
  readonly back?: ReactNode
  readonly narrow?: boolean
  readonly children: ReactNode
}

/** A screen: its title for the window, and the focus on its heading when it is come to. */
export function Page({ title, intro, back, narrow = false, children }: Properties) {
  const heading = useRef<HTMLHeadingElement>(null)
  useEffect(() => {
    document.title = `${title} · Portcullis`
  }, [title])
  useEffect(() => {
    // Not at the first one: there a screen reader begins at the top by itself.
    if (arrived) heading.current?.focus({ preventScroll: true })
    arrived = true
  }, [])
  return (
    <div className={styles.page} data-narrow={narrow || undefined}>
      <header className={styles.header}>
        {back !== undefined && (
          <p className={styles.back}>
            <Icon name="back" size={16} />
            {back}
          </p>
        )}
        <h1 ref={heading} tabIndex={-1}>
          <bdi>{title}</bdi>
        </h1>
        {intro !== undefined && <div className={styles.intro}>{intro}</div>}
      </header>
      {children}
    </div>
  )
}

let arrived = false
