import type { ReactNode } from 'react'
import { type HistoryEntry, tell } from '../data/history.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { Icon, type IconName } from './Icon.tsx'
import { Quote } from './Quote.tsx'
import styles from './Timeline.module.css'
import { When } from './When.tsx'

/** Something that will happen if nothing comes in between. */
export interface Planned {
  readonly at: string
  readonly text: string
}

interface Properties {
  readonly history: readonly HistoryEntry[]
  readonly planned?: readonly (Planned | undefined)[]
  /** A person's name by id, as far as the page knows any. */
  nameOf(id: string): string
}

/** What has happened, oldest first and by day, and what is planned. */
export function Timeline({ history, planned = [], nameOf }: Properties) {
  const { t, moments } = useI18n()
  const days = Map.groupBy(history, ({ at }) => moments.day(at))
  const ahead = planned.filter((each) => each !== undefined)
  return (
    <div className={styles.timeline}>
      {[...days].map(([day, entries]) => (
        <section key={day}>
          <h3 className={styles.day}>{day}</h3>
          <ol className={styles.list}>
            {entries.map((entry) => {
              const { kind, id } = entry.actor
              const actor = kind === 'user' ? nameOf(id) : t('event.engine')
              const { icon, tone, sentence, words } = tell(entry, actor, t)
              return (
                <Entry key={`${entry.position}.${entry.type}`} icon={icon} tone={tone}>
                  <p>
                    {sentence}{' '}
                    <time
                      dateTime={entry.at}
                      title={moments.exact(entry.at)}
                      className={styles.time}
                    >
                      {moments.time(entry.at)}
                    </time>
                  </p>
                  {words !== undefined && <Quote by={actor} text={words} />}
                </Entry>
              )
            })}
          </ol>
        </section>
      ))}
      {ahead.length > 0 && (
        <section>
          <h3 className={styles.day}>{t('event.planned')}</h3>
          <ol className={styles.list}>
            {ahead.map(({ at, text }) => (
              <Entry key={text} icon="calendar" tone="planned">
                <p>
                  {text} <When at={at} as="both" />
                </p>
              </Entry>
            ))}
          </ol>
        </section>
      )}
    </div>
  )
}

interface EntryProperties {
  readonly icon: IconName
  readonly tone: string
  readonly children: ReactNode
}

function Entry({ icon, tone, children }: EntryProperties) {
  return (
    <li className={styles.entry} data-tone={tone}>
      <span className={styles.mark}>
        <Icon name={icon} size={16} />
      </span>
      <div className={styles.what}>{children}</div>
    </li>
  )
}
