import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { SHORTCUTS_KEY } from '../../app/useShortcuts.ts'
import { Button } from '../../components/Button.tsx'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { Check } from '../../components/Check.tsx'
import { Chip } from '../../components/Chip.tsx'
import { Page } from '../../components/Page.tsx'
import { Refusal } from '../../components/Refusal.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { When } from '../../components/When.tsx'
import { browserOf } from '../../data/browserOf.ts'
import { sessionsQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { keepText, keptText } from '../../i18n/language.ts'
import { endSession, useSession } from '../../session.ts'
import styles from './Sessions.module.css'

/** Where the person is signed in, each to be ended; and what keys do on the pages. */
export function Sessions() {
  const { t } = useI18n()
  const query = useQuery(sessionsQuery)
  const client = useQueryClient()
  const csrfToken = useSession()?.csrfToken ?? ''
  const end = useMutation({
    mutationFn: (id: string) => endSession(id, csrfToken),
    onSettled: () => client.invalidateQueries({ queryKey: ['sessions'] }),
  })
  return (
    <Page title={t('sessions.title')} intro={t('sessions.intro')} narrow>
      {end.error !== null && <Refusal error={end.error} />}
      <Answered query={query}>
        {(sessions) => (
          <Card>
            <Rows label={t('sessions.title')}>
              {sessions.map((session) => (
                <Row
                  key={session.id}
                  title={browserOf(session.userAgent) ?? t('sessions.unknown')}
                  detail={
                    <>
                      {t('sessions.since')} <When at={session.startedAt} as="full" />
                      <br />
                      {t('sessions.seen')} <When at={session.seenAt} />
                    </>
                  }
                  side={
                    session.current ? (
                      <Chip tone="good">{t('sessions.here')}</Chip>
                    ) : (
                      <Button
                        kind="danger"
                        isPending={end.isPending && end.variables === session.id}
                        onPress={() => end.mutate(session.id)}
                      >
                        {t('sessions.end')}
                      </Button>
                    )
                  }
                />
              ))}
            </Rows>
          </Card>
        )}
      </Answered>
      <Keys />
    </Page>
  )
}

const KEYS = [
  ['g h', 'nav.home'],
  ['g p', 'nav.packages'],
  ['g r', 'nav.requests'],
  ['g a', 'nav.approvals'],
  ['/', 'keys.search'],
] as const

function Keys() {
  const { t } = useI18n()
  const [on, setOn] = useState(() => keptText(SHORTCUTS_KEY) !== 'off')
  return (
    <Card title={t('keys.title')}>
      <div className={styles.switch}>
        <Check
          label={t('keys.on')}
          checked={on}
          onChange={(next) => {
            setOn(next)
            keepText(SHORTCUTS_KEY, next ? null : 'off')
          }}
        />
        <span aria-hidden="true">{t('keys.on')}</span>
      </div>
      <dl className={styles.keys}>
        {KEYS.map(([keys, name]) => (
          <div key={keys}>
            <dt>
              {keys.split(' ').map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{t(name)}</dd>
          </div>
        ))}
      </dl>
    </Card>
  )
}
