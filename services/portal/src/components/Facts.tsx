import type { ReactNode } from 'react'
import styles from './Facts.module.css'

interface Fact {
  readonly name: string
  readonly value: ReactNode
}

/** Names and values, one a line; those without a value are left out. */
export function Facts({ facts }: { readonly facts: readonly (Fact | undefined)[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map(
        (fact) =>
          fact !== undefined && (
            <div key={fact.name}>
              <dt>{fact.name}</dt>
              <dd>{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}
