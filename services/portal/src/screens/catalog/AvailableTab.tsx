import type { Item } from '@portcullis/client'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { useDeferredValue, useEffect } from 'react'
import { announce } from '../../app/Announcer.tsx'
import { Chip } from '../../components/Chip.tsx'
import { Icon } from '../../components/Icon.tsx'
import { Search } from '../../components/Search.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { requestableQuery } from '../../data/queries.ts'
import { found } from '../../data/search.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Catalog.module.css'

const route = getRouteApi('/packages')
type Requestable = Item<'listRequestablePackages'>

export function AvailableTab() {
  const { t } = useI18n()
  const { q = '' } = route.useSearch()
  const navigate = useNavigate()
  const query = useQuery(requestableQuery)
  return (
    <>
      <Search
        label={t('catalog.search')}
        value={q}
        onChange={(next) =>
          void navigate({ to: '/packages', search: next === '' ? {} : { q: next }, replace: true })
        }
      />
      <Answered query={query}>{(packages) => <Found packages={packages} text={q} />}</Answered>
    </>
  )
}

function Found({
  packages,
  text,
}: {
  readonly packages: readonly Requestable[]
  readonly text: string
}) {
  const { t } = useI18n()
  const asked = useDeferredValue(text)
  const shown = found(packages, asked)
  const count = shown.length
  useEffect(() => {
    if (asked !== '') announce(t('catalog.found', { count }))
  }, [asked, count, t])
  if (packages.length === 0)
    return (
      <Empty icon="packages" title={t('catalog.noneAvailable')}>
        {t('catalog.noneAvailableWords')}
      </Empty>
    )
  if (count === 0)
    return (
      <Empty icon="search" title={t('catalog.noneFound', { text: asked })}>
        {t('catalog.noneFoundWords')}
      </Empty>
    )
  return (
    <ul className={styles.grid}>
      {shown.map((each) => (
        <PackageCard key={each.id} of={each} />
      ))}
    </ul>
  )
}

function PackageCard({ of }: { readonly of: Requestable }) {
  const { t, moments } = useI18n()
  const resources = [...new Set(of.roles.map((role) => role.resourceName ?? role.resourceId))]
  return (
    <li className={styles.card}>
      <div className={styles.head}>
        <h2>
          <Link to="/packages/$packageId" params={{ packageId: of.id }}>
            <bdi>{of.displayName}</bdi>
          </Link>
        </h2>
        {of.state !== null && (
          <Chip tone={of.state === 'assigned' ? 'good' : 'wait'}>
            {t(`catalog.state.${of.state}`)}
          </Chip>
        )}
      </div>
      {of.description !== '' && (
        <p className={styles.words}>
          <bdi>{of.description}</bdi>
        </p>
      )}
      {resources.length > 0 && (
        <p className={styles.resources}>
          <Icon name="key" size={16} />
          <bdi>{moments.list(resources)}</bdi>
        </p>
      )}
    </li>
  )
}
