import styles from './Button.module.css'
import { classes } from './classes.ts'

export type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet'

/** How a button looks; also a link that leads to an action, and a plain button where the library isn't loaded yet. */
export const buttonClass = (kind: ButtonKind = 'plain'): string =>
  classes(styles.button, styles[kind])
