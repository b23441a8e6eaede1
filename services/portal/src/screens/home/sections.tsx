import type { Item } from '@portcullis/client'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/buttonClass.ts'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { DecideBy } from '../../components/DecideBy.tsx'
import { Ends } from '../../components/Ends.tsx'
import { AssignmentStatus, RequestStatus } from '../../components/Status.tsx'
import { useNow, When } from '../../components/When.tsx'
import { mostUrgentFirst } from '../../data/order.ts'
import { useI18n } from '../../i18n/I18n.tsx'

type Request = Item<'listRequests'>
type Assignment = Item<'listAssignments'>

/** Days before its end in which an assignment is shown here. */
const SOON_DAYS = 14
/** Most rows of a section; its page has the rest. */
const SHOWN = 5

export function ToDecide({
  requests,
  more,
}: {
  readonly requests: readonly Request[]
  readonly more: boolean
}) {
  const { t } = useI18n()
  const sorted = mostUrgentFirst(requests)
  const count = requests.length
  return (
    <Card
      tone="accent"
      title={more ? t('home.toDecideMany', { count }) : t('home.toDecide', { count })}
      aside={<Link to="/approvals">{t('home.all')}</Link>}
    >
      <Rows>
        {sorted.slice(0, SHOWN).map((request) => (
          <Row
            key={request.id}
            title={
              <Link to="/approvals/$requestId" params={{ requestId: request.id }}>
                {t('home.asksFor', {
                  person: request.subjectName ?? request.subjectId,
                  package: request.packageName ?? request.packageId,
                })}
              </Link>
            }
            detail={<DecideBy at={request.decideBy} />}
            side={
              <Link
                to="/approvals/$requestId"
                params={{ requestId: request.id }}
                className={buttonClass('primary')}
              >
                {t('approvals.decide')}
              </Link>
            }
          />
        ))}
      </Rows>
    </Card>
  )
}

export function MyOpenRequests({ requests }: { readonly requests: readonly Request[] }) {
  const { t } = useI18n()
  return (
    <Card title={t('home.myRequests')} aside={<Link to="/requests">{t('home.all')}</Link>}>
      <Rows>
        {requests.slice(0, SHOWN).map((request) => (
          <Row
            key={request.id}
            title={
              <Link to="/requests/$requestId" params={{ requestId: request.id }}>
                <bdi>{request.packageName ?? request.packageId}</bdi>
              </Link>
            }
            detail={
              request.status === 'PendingApproval' ? (
                <DecideBy at={request.decideBy} />
              ) : (
                <When at={request.updatedAt} />
              )
            }
            side={<RequestStatus of={request} />}
          />
        ))}
      </Rows>
    </Card>
  )
}

export function EndingSoon({ assignments }: { readonly assignments: readonly Assignment[] }) {
  const { t } = useI18n()
  const limit = useNow() + SOON_DAYS * 86_400_000
  const soon = assignments.filter(({ endAt }) => endAt !== null && Date.parse(endAt) < limit)
  if (assignments.length === 0) return null
  if (soon.length === 0)
    return (
      <Card
        title={t('home.active', { count: assignments.length })}
        aside={
          <Link to="/packages" search={{ tab: 'active' }}>
            {t('home.all')}
          </Link>
        }
      >
        <Rows>
          {assignments.slice(0, SHOWN).map((assignment) => (
            <Row
              key={assignment.id}
              title={<ToAssignment assignment={assignment} />}
              detail={<Ends at={assignment.endAt} />}
              side={<AssignmentStatus of={assignment} />}
            />
          ))}
        </Rows>
      </Card>
    )
  return (
    <Card tone="wait" title={t('home.endingSoon', { count: soon.length })}>
      <Rows>
        {soon.map((assignment) => (
          <Row
            key={assignment.id}
            title={<ToAssignment assignment={assignment} />}
            detail={assignment.endAt !== null && <Ends at={assignment.endAt} />}
            side={
              <Link
                to="/assignments/$assignmentId/extend"
                params={{ assignmentId: assignment.id }}
                className={buttonClass()}
              >
                {t('assignment.extend')}
              </Link>
            }
          />
        ))}
      </Rows>
    </Card>
  )
}

function ToAssignment({ assignment }: { readonly assignment: Assignment }) {
  return (
    <Link to="/assignments/$assignmentId" params={{ assignmentId: assignment.id }}>
      <bdi>{assignment.packageName ?? assignment.packageId}</bdi>
    </Link>
  )
}
