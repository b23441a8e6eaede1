import type { Item } from '@portcullis/client'
import { useInfiniteQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { buttonClass } from '../../components/buttonClass.ts'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { Ends } from '../../components/Ends.tsx'
import { More } from '../../components/More.tsx'
import { RequestAgain } from '../../components/RequestAgain.tsx'
import { AssignmentStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { When } from '../../components/When.tsx'
import { assignmentsQuery, rows } from '../../data/queries.ts'
import { ENDED_ASSIGNMENTS, PRESENT_ASSIGNMENTS } from '../../data/status.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { usePersonId } from '../../session.ts'

type Assignment = Item<'listAssignments'>

export function ActiveTab() {
  const { t } = useI18n()
  return (
    <Assignments
      status={PRESENT_ASSIGNMENTS}
      empty={
        <Empty
          icon="key"
          title={t('catalog.noneActive')}
          action={
            <Link to="/packages" className={buttonClass('primary')}>
              {t('catalog.toAvailable')}
            </Link>
          }
        />
      }
      detail={(assignment) => <Ends at={assignment.endAt} />}
      action={(assignment) =>
        assignment.endAt !== null && (
          <Link
            to="/assignments/$assignmentId/extend"
            params={{ assignmentId: assignment.id }}
            className={buttonClass()}
          >
            {t('assignment.extend')}
          </Link>
        )
      }
    />
  )
}

export function ExpiredTab() {
  const { t } = useI18n()
  return (
    <Assignments
      status={ENDED_ASSIGNMENTS}
      empty={<Empty icon="clock" title={t('catalog.noneExpired')} />}
      detail={(assignment) => (
        <>
          {t('assignment.endedAt')}{' '}
          <When at={assignment.endedAt ?? assignment.updatedAt} as="both" />
        </>
      )}
      action={(assignment) => <RequestAgain packageId={assignment.packageId} />}
    />
  )
}

interface Properties {
  readonly status: readonly Assignment['status'][]
  readonly empty: ReactNode
  detail(assignment: Assignment): ReactNode
  action(assignment: Assignment): ReactNode
}

function Assignments({ status, empty, detail, action }: Properties) {
  const query = useInfiniteQuery(
    assignmentsQuery({ subjectId: usePersonId(), status: [...status] }),
  )
  return (
    <Answered query={query}>
      {(data) => {
        const all = rows(data)
        if (all.length === 0) return empty
        return (
          <Card>
            <Rows>
              {all.map((assignment) => (
                <Row
                  key={assignment.id}
                  title={
                    <Link to="/assignments/$assignmentId" params={{ assignmentId: assignment.id }}>
                      <bdi>{assignment.packageName ?? assignment.packageId}</bdi>
                    </Link>
                  }
                  detail={detail(assignment)}
                  side={
                    <>
                      <AssignmentStatus of={assignment} />
                      {action(assignment)}
                    </>
                  }
                />
              ))}
            </Rows>
            <More query={query} />
          </Card>
        )
      }}
    </Answered>
  )
}
