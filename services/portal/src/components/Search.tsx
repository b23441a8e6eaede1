import { Input } from 'react-aria-components/Input'
import { SearchField } from 'react-aria-components/SearchField'
import { Icon } from './Icon.tsx'
import styles from './Search.module.css'

interface Properties {
  readonly label: string
  readonly value: string
  onChange(value: string): void
}

/** `/` comes here from anywhere on the page. */
export function Search({ label, value, onChange }: Properties) {
  return (
    <SearchField
      aria-label={label}
      className={styles.search ?? ''}
      value={value}
      onChange={onChange}
    >
      <Icon name="search" />
      <Input
        data-search
        className={styles.input ?? ''}
        placeholder={label}
        maxLength={200}
        dir={value === '' ? undefined : 'auto'}
      />
    </SearchField>
  )
}
