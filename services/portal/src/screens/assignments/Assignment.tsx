import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Card } from '../../components/Card.tsx'
import { Facts } from '../../components/Facts.tsx'
import { Page } from '../../components/Page.tsx'
import { Person } from '../../components/Person.tsx'
import { AssignmentStatus } from '../../components/Status.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Timeline } from '../../components/Timeline.tsx'
import { When } from '../../components/When.tsx'
import { nameIn } from '../../data/names.ts'
import { assignmentQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { useSession } from '../../session.ts'
import { AssignmentActions } from './AssignmentActions.tsx'
import { Lanes } from './Lanes.tsx'

const route = getRouteApi('/assignments/$assignmentId')

/** What somebody has by a package: until when, each role with where it stands, and everything that has happened. */
export function Assignment() {
  const { t } = useI18n()
  const { assignmentId } = route.useParams()
  const query = useQuery(assignmentQuery(assignmentId))
  const me = useSession()?.me.person
  return (
    <Page
      title={query.data?.accessPackage.displayName ?? t('assignment.title')}
      back={
        <Link to="/packages" search={{ tab: 'active' }}>
          {t('catalog.active')}
        </Link>
      }
      narrow
    >
      <Answered query={query}>
        {(assignment) => {
          const ended = assignment.endedAt !== null
          return (
            <>
              <Card title={t('assignment.title')} aside={<AssignmentStatus of={assignment} />}>
                <Person
                  id={assignment.subject.id}
                  name={assignment.subject.displayName}
                  detail={assignment.subject.email}
                />
                <Facts
                  facts={[
                    {
                      name: t('assignment.began'),
                      value: <When at={assignment.startAt} as="full" />,
                    },
                    ended
                      ? {
                          name: t('assignment.endedAt'),
                          value: <When at={assignment.endedAt ?? ''} as="both" />,
                        }
                      : {
                          name: t('assignment.ends'),
                          value:
                            assignment.endAt === null ? (
                              t('assignment.noEnd')
                            ) : (
                              <When at={assignment.endAt} as="both" />
                            ),
                        },
                    assignment.policy === null
                      ? undefined
                      : {
                          name: t('request.underPolicy'),
                          value: <bdi>{assignment.policy.displayName}</bdi>,
                        },
                  ]}
                />
                <AssignmentActions assignment={assignment} />
              </Card>
              <Card title={t('delivery.title')}>
                <Lanes roles={assignment.roles} />
              </Card>
              <Card title={t('event.title')}>
                <Timeline
                  history={assignment.history}
                  nameOf={nameIn([assignment.subject, me])}
                  planned={[
                    !ended && assignment.endAt !== null
                      ? { at: assignment.endAt, text: t('event.planned.end') }
                      : undefined,
                  ]}
                />
              </Card>
            </>
          )
        }}
      </Answered>
    </Page>
  )
}
