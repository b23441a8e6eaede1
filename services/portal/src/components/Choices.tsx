import type { ReactNode } from 'react'
import { Label } from 'react-aria-components/Label'
import { Radio, RadioGroup } from 'react-aria-components/RadioGroup'
import styles from './Choices.module.css'

interface Choice {
  readonly id: string
  readonly title: string
  readonly detail: ReactNode
}

interface Properties {
  readonly label: string
  readonly choices: readonly Choice[]
  readonly value: string | null
  onChange(id: string): void
}

/** One of several, each a card that says what it means. */
export function Choices({ label, choices, value, onChange }: Properties) {
  return (
    <RadioGroup className={styles.group ?? ''} value={value} onChange={onChange}>
      <Label className={styles.label ?? ''}>{label}</Label>
      {choices.map(({ id, title, detail }) => (
        <Radio key={id} value={id} className={styles.choice ?? ''}>
          <span aria-hidden="true" className={styles.dot} />
          <span className={styles.words}>
            <bdi className={styles.title}>{title}</bdi>
            <span className={styles.detail}>{detail}</span>
          </span>
        </Radio>
      ))}
    </RadioGroup>
  )
}
