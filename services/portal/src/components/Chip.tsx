import type { ReactNode } from 'react'
import styles from './Chip.module.css'
import { classes } from './classes.ts'
import { Icon, type IconName } from './Icon.tsx'

export type Tone = 'good' | 'wait' | 'bad' | 'quiet' | 'accent'

const ICONS: Readonly<Record<Tone, IconName>> = {
  good: 'check',
  wait: 'clock',
  bad: 'alert',
  quiet: 'minus',
  accent: 'info',
}

interface Properties {
  readonly tone: Tone
  readonly icon?: IconName
  readonly children: ReactNode
}

/** A state in one word: colour, picture and word say the same. */
export function Chip({ tone, icon = ICONS[tone], children }: Properties) {
  return (
    <span className={classes(styles.chip, styles[tone])}>
      <Icon name={icon} size={15} />
      {children}
    </span>
  )
}
