import type { ReactNode } from 'react'
import { Icon, type IconName } from '../Icon.tsx'
import styles from './states.module.css'

interface Properties {
  readonly icon: IconName
  readonly title: string
  readonly children?: ReactNode
  /** The one useful thing to do. */
  readonly action?: ReactNode
}

/** Nothing is here: a sentence, and what one can do. */
export function Empty({ icon, title, children, action }: Properties) {
  return (
    <div className={styles.empty}>
      <span className={styles.mark}>
        <Icon name={icon} size={26} />
      </span>
      <h2>{title}</h2>
      {children !== undefined && <div className={styles.words}>{children}</div>}
      {action}
    </div>
  )
}
