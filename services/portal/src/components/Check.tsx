import { Checkbox } from 'react-aria-components/Checkbox'
import styles from './Check.module.css'
import { Icon } from './Icon.tsx'

interface Properties {
  readonly label: string
  readonly checked: boolean
  onChange(checked: boolean): void
}

/** A box before a row; what it chooses is said, and seen beside it. */
export function Check({ label, checked, onChange }: Properties) {
  return (
    <Checkbox
      aria-label={label}
      className={styles.check ?? ''}
      isSelected={checked}
      onChange={onChange}
    >
      <span aria-hidden="true" className={styles.box}>
        {checked && <Icon name="check" size={16} />}
      </span>
    </Checkbox>
  )
}
