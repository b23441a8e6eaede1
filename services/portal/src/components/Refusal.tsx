import { describeFailure } from '../data/failures.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { FailureCode } from './FailureCode.tsx'
import { Icon } from './Icon.tsx'
import styles from './Refusal.module.css'

/** The server's "no" to something that was sent: why, in the reader's words, beside what they wrote. */
export function Refusal({ error }: { readonly error: Error }) {
  const { t } = useI18n()
  const failure = describeFailure(error, t)
  return (
    <div role="alert" className={styles.refusal}>
      <Icon name="alert" />
      <div>
        <p>{failure.text}</p>
        <FailureCode failure={failure} className={styles.small} />
      </div>
    </div>
  )
}
