import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/buttonClass.ts'
import { Conflict } from '../../components/states/Conflict.tsx'
import { When } from '../../components/When.tsx'
import type { FirstDecision } from '../../data/decision.ts'
import { useI18n } from '../../i18n/I18n.tsx'

interface Properties {
  /** Undefined: it is known only that it doesn't wait any more. */
  readonly first: FirstDecision | undefined
  readonly words: string
}

/**
 * Somebody else was first while the page was open. Who may decide no more may see no more of the request either: what
 * is known comes from the refusal, and the person's own words stay to be copied.
 */
export function TooLate({ first, words }: Properties) {
  const { t } = useI18n()
  return (
    <Conflict
      action={
        <Link to="/approvals" className={buttonClass()}>
          {t('approvals.others')}
        </Link>
      }
      title={
        first === undefined
          ? t('settled.other')
          : t(`settled.${first.decision}`, { person: first.by })
      }
      kept={{ label: t('approvals.kept'), text: words }}
    >
      {first !== undefined && first.at !== null && (
        <p>
          <When at={first.at} as="both" />
        </p>
      )}
    </Conflict>
  )
}
