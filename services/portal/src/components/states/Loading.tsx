import { useI18n } from '../../i18n/I18n.tsx'
import styles from './states.module.css'

/** The outline of what is coming, after a moment in which most answers have come. */
export function Loading({ lines = 4 }: { readonly lines?: number }) {
  const { t } = useI18n()
  return (
    <div role="status" className={styles.loading}>
      <span className="hidden">{t('state.loading')}</span>
      {Array.from({ length: lines }, (_, line) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the lines are all alike and never move
        <span key={line} aria-hidden="true" className={styles.line} />
      ))}
    </div>
  )
}
