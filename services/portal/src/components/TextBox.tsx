import { FieldError } from 'react-aria-components/FieldError'
import { Label } from 'react-aria-components/Label'
import { Text } from 'react-aria-components/Text'
import { TextArea } from 'react-aria-components/TextArea'
import { TextField } from 'react-aria-components/TextField'
import styles from './TextBox.module.css'

interface Properties {
  readonly label: string
  readonly hint?: string
  /** What is wrong with it; undefined: nothing that we know of. */
  readonly error?: string | undefined
  readonly value: string
  onChange(value: string): void
  readonly required?: boolean
}

/** Words of a person's own, several lines. What is wrong is said, and the button stays. */
export function TextBox({ label, hint, error, value, onChange, required = false }: Properties) {
  return (
    <TextField
      className={styles.field ?? ''}
      value={value}
      onChange={onChange}
      isInvalid={error !== undefined}
      isRequired={required}
      validationBehavior="aria"
      maxLength={10_000}
    >
      <Label className={styles.label ?? ''}>{label}</Label>
      {hint !== undefined && (
        <Text slot="description" className={styles.hint ?? ''}>
          {hint}
        </Text>
      )}
      <TextArea className={styles.area ?? ''} rows={3} dir="auto" />
      <FieldError className={styles.error ?? ''}>{error}</FieldError>
    </TextField>
  )
}
