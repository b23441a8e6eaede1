import { useEffect, useState } from 'react'
import { describeFailure } from '../../data/failures.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { buttonClass } from '../buttonClass.ts'
import { FailureCode } from '../FailureCode.tsx'
import { Icon } from '../Icon.tsx'
import styles from './states.module.css'

/** It couldn't be read: what is wrong, its code and request id, and another try, which comes by itself where it may. */
export function Failed({ error, retry }: { readonly error: Error; retry(): void }) {
  const { t } = useI18n()
  const failure = describeFailure(error, t)
  const left = useCountdown(error, retry)
  return (
    <div role="alert" className={styles.failed}>
      <span className={styles.mark}>
        <Icon name="alert" size={26} />
      </span>
      <h2>{t('state.failed')}</h2>
      <p className={styles.words}>{failure.text}</p>
      <FailureCode failure={failure} className={styles.small} />
      <button type="button" className={buttonClass()} onClick={retry}>
        {left > 0 ? t('state.retryIn', { seconds: left }) : t('state.retry')}
      </button>
    </div>
  )
}

/** Seconds. */
const AGAIN = 15

const useCountdown = (error: Error, retry: () => void): number => {
  const passing = error.name === 'Unreachable'
  const [left, setLeft] = useState(passing ? AGAIN : 0)
  useEffect(() => {
    if (!passing || left === 0) return
    const timer = setTimeout(() => {
      setLeft(left - 1)
      if (left === 1) retry()
    }, 1000)
    return () => clearTimeout(timer)
  }, [passing, left, retry])
  return left
}
