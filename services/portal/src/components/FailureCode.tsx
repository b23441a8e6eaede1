import type { describeFailure } from '../data/failures.ts'
import { useI18n } from '../i18n/I18n.tsx'

interface Properties {
  readonly failure: ReturnType<typeof describeFailure>
  readonly className: string | undefined
}

/** What to tell somebody who helps: the server's code, and the request's id. */
export function FailureCode({ failure: { code, requestId }, className }: Properties) {
  const { t } = useI18n()
  if (code === undefined) return null
  return (
    <p className={className}>
      <code>{code}</code>
      {requestId !== undefined && (
        <>
          {' · '}
          {t('state.requestId')} <code>{requestId}</code>
        </>
      )}
    </p>
  )
}
