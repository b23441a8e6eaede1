import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link } from '@tanstack/react-router'
import { Card } from '../../components/Card.tsx'
import { Page } from '../../components/Page.tsx'
import { RoleList } from '../../components/RoleList.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { isNotYours } from '../../data/failures.ts'
import { packageQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { MyState } from './MyState.tsx'
import { RequestForm } from './RequestForm.tsx'
import { WhyPanel } from './WhyPanel.tsx'

const route = getRouteApi('/packages/$packageId')

/** What a package gives and how to get it; also of hidden ones, by their link. */
export function Package() {
  const { t } = useI18n()
  const { packageId } = route.useParams()
  const query = useQuery(packageQuery(packageId))
  const back = <Link to="/packages">{t('catalog.title')}</Link>
  if (query.error !== null && isNotYours(query.error))
    return (
      <Page title={t('package.notRequestable')} back={back} narrow>
        <WhyPanel packageId={packageId} />
      </Page>
    )
  return (
    <Page title={query.data?.displayName ?? t('package.title')} back={back} narrow>
      <Answered query={query}>
        {(found) => (
          <>
            {found.description !== '' && (
              <p>
                <bdi>{found.description}</bdi>
              </p>
            )}
            <Card title={t('package.roles')}>
              <RoleList roles={found.roles} />
            </Card>
            {found.state === null ? (
              <RequestForm of={found} />
            ) : (
              <MyState packageId={packageId} state={found.state} />
            )}
          </>
        )}
      </Answered>
    </Page>
  )
}
