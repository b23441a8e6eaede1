import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { buttonClass } from '../../components/buttonClass.ts'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { Ends } from '../../components/Ends.tsx'
import { AssignmentStatus, RequestStatus } from '../../components/Status.tsx'
import { When } from '../../components/When.tsx'
import { assignmentsQuery, requestsQuery, rows } from '../../data/queries.ts'
import { OPEN_REQUESTS, PRESENT_ASSIGNMENTS } from '../../data/status.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId } from '../../session.ts'

interface Properties {
  readonly packageId: string
  readonly state: 'assigned' | 'pending'
}

/** The person has the package already, or has asked for it: what they have, instead of a form. */
export function MyState({ packageId, state }: Properties) {
  const { t } = useI18n()
  const subjectId = usePersonId()
  const requests = useInfiniteQuery(
    requestsQuery({ packageId, subjectId, status: [...OPEN_REQUESTS] }),
  )
  const assignments = useInfiniteQuery(
    assignmentsQuery({ packageId, subjectId, status: [...PRESENT_ASSIGNMENTS] }),
  )
  return (
    <Card tone={state === 'assigned' ? 'good' : 'wait'} title={t(`package.state.${state}`)}>
      <Rows>
        {rows(requests.data).map((request) => (
          <Row
            key={request.id}
            title={t('package.requested')}
            detail={<When at={request.submittedAt} as="both" />}
            side={
              <>
                <RequestStatus of={request} />
                <Link
                  to="/requests/$requestId"
                  params={{ requestId: request.id }}
                  className={buttonClass()}
                >
                  {t('package.toRequest')}
                </Link>
              </>
            }
          />
        ))}
        {rows(assignments.data).map((assignment) => (
          <Row
            key={assignment.id}
            title={t('package.assigned')}
            detail={<Ends at={assignment.endAt} />}
            side={
              <>
                <AssignmentStatus of={assignment} />
                <Link
                  to="/assignments/$assignmentId"
                  params={{ assignmentId: assignment.id }}
                  className={buttonClass()}
                >
                  {t('package.toAssignment')}
                </Link>
              </>
            }
          />
        ))}
      </Rows>
    </Card>
  )
}
