import type { Answer } from '@portcullis/client'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/buttonClass.ts'
import { Quote } from '../../components/Quote.tsx'
import { Conflict } from '../../components/states/Conflict.tsx'
import { When } from '../../components/When.tsx'
import { nameIn } from '../../data/names.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import type { MessageKey } from '../../i18n/messages.ts'
import { useSession } from '../../session.ts'

type Request = Answer<'getRequest'>

interface Properties {
  readonly request: Request
  /** What the person had written when somebody else was first. */
  readonly words: string
  /** Whether it waited for this person when the page was opened. */
  readonly waited: boolean
}

/** Why there is nothing to decide: who was first and when, or whose it is, and what now. */
export function Settled({ request, words, waited }: Properties) {
  const { t } = useI18n()
  const me = useSession()?.me.person
  const nameOf = nameIn([request.subject, me])
  const mine = request.decidedBy !== null && request.decidedBy === me?.id
  const by = nameOf(request.decidedBy ?? '')
  return (
    <Conflict
      action={
        <Link to="/approvals" className={buttonClass()}>
          {t('approvals.others')}
        </Link>
      }
      title={t(titleOf(request, me?.id), { person: by })}
      kept={waited && !mine ? { label: t('approvals.kept'), text: words } : undefined}
    >
      {request.decidedAt !== null && (
        <p>
          <When at={request.decidedAt} as="both" />
        </p>
      )}
      {request.decisionJustification !== null && (
        <Quote by={by} text={request.decisionJustification} />
      )}
    </Conflict>
  )
}

const titleOf = (request: Request, me: string | undefined): MessageKey => {
  if (request.subStatus === 'TimedOut') return 'settled.timedOut'
  if (request.status === 'Cancelled') return 'settled.cancelled'
  if (request.status === 'Denied')
    return request.decidedBy === me ? 'settled.youDenied' : 'settled.denied'
  if (request.subjectId === me || request.requestorId === me) return 'settled.own'
  if (request.status === 'PendingApproval') return 'settled.notYours'
  if (request.decidedBy === null) return 'settled.automatic'
  return request.decidedBy === me ? 'settled.youApproved' : 'settled.approved'
}
