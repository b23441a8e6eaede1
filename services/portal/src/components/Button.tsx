import type { ReactNode } from 'react'
import { Button as AriaButton, type ButtonProps } from 'react-aria-components/Button'
import { type ButtonKind, buttonClass } from './buttonClass.ts'

interface Properties extends Omit<ButtonProps, 'className' | 'children'> {
  readonly kind?: ButtonKind
  readonly children: ReactNode
}

/** While `isPending`, it keeps the focus and says so, and takes no second press. */
export function Button({ kind = 'plain', ...rest }: Properties) {
  return <AriaButton {...rest} className={buttonClass(kind)} />
}
