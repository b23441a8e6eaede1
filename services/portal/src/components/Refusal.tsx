import { describeFailure } from '../data/failures.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { Icon } from './Icon.tsx'
import styles from './Refusal.module.css'

/** The server's "no" to something that was sent: why, in the reader's words, beside what they wrote. */
export function Refusal({ error }: { readonly error: Error }) {
  const { t } = useI18n()
  const { text, code, requestId } = describeFailure(error, t)
  return (
    <div role="alert" className={styles.refusal}>
      <Icon name="alert" />
      <div>
        <p>{text}</p>
        {code !== undefined && (
          <p className={styles.small}>
            <code>{code}</code>
            {requestId !== undefined && (
              <>
                {' · '}
                {t('state.requestId')} <code>{requestId}</code>
              </>
            )}
          </p>
        )}
      </div>
    </div>
  )
}
