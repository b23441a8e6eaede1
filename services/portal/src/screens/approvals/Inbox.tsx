import type { Item } from '@portcullis/client'
import { Link } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Button } from '../../components/Button.tsx'
import { Check } from '../../components/Check.tsx'
import { DecideBy } from '../../components/DecideBy.tsx'
import { Person } from '../../components/Person.tsx'
import { Quote } from '../../components/Quote.tsx'
import { Empty } from '../../components/states/Empty.tsx'
import { When } from '../../components/When.tsx'
import { mostUrgentFirst } from '../../data/order.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import { DecideForm } from './DecideForm.tsx'
import { DecideMany } from './DecideMany.tsx'
import styles from './Inbox.module.css'

type Request = Item<'listRequests'>

interface Properties {
  readonly requests: readonly Request[]
  /** The rest of the list. */
  readonly more: ReactNode
}

export function Inbox({ requests, more }: Properties) {
  const { t } = useI18n()
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const sorted = mostUrgentFirst(requests)
  const still = sorted.filter(({ id }) => chosen.has(id))
  if (sorted.length === 0 && chosen.size === 0)
    return (
      <Empty icon="approvals" title={t('approvals.none')}>
        {t('approvals.noneWords')}
      </Empty>
    )
  const choose = (id: string, picked: boolean): void => {
    const next = new Set(chosen)
    if (picked) next.add(id)
    else next.delete(id)
    setChosen(next)
  }
  return (
    <>
      {chosen.size > 1 && (
        <DecideMany requests={still} onDone={() => setChosen(new Set())} key={[...chosen].join()} />
      )}
      <ul className={styles.list}>
        {sorted.map((request) => (
          <Waiting
            key={request.id}
            request={request}
            chosen={chosen.has(request.id)}
            onChoose={(picked) => choose(request.id, picked)}
          />
        ))}
      </ul>
      {more}
    </>
  )
}

interface WaitingProperties {
  readonly request: Request
  readonly chosen: boolean
  onChoose(picked: boolean): void
}

function Waiting({ request, chosen, onChoose }: WaitingProperties) {
  const { t } = useI18n()
  const [open, setOpen] = useState(false)
  const name = request.packageName ?? request.packageId
  const who = request.subjectName ?? request.subjectId
  const sentence = t('home.asksFor', { person: who, package: name })
  return (
    <li className={styles.item} data-chosen={chosen || undefined}>
      <div className={styles.head}>
        <Check
          label={t('approvals.choose', { what: sentence })}
          checked={chosen}
          onChange={onChoose}
        />
        <Person id={request.subjectId} name={request.subjectName} />
        <h2 className={styles.package}>
          <Link to="/approvals/$requestId" params={{ requestId: request.id }}>
            <bdi>{name}</bdi>
          </Link>
        </h2>
        <p className={styles.times}>
          <span>
            {t('approvals.since')} <When at={request.submittedAt} />
          </span>
          <span>
            <DecideBy at={request.decideBy} />
          </span>
        </p>
        <Button aria-expanded={open} onPress={() => setOpen(!open)}>
          {open ? t('approvals.fold') : t('approvals.decide')}
          <span className="hidden">: {sentence}</span>
        </Button>
      </div>
      {request.justification !== null && !open && (
        <p className={styles.why} dir="auto">
          {request.justification}
        </p>
      )}
      {open && (
        <div className={styles.open}>
          {request.justification !== null && <Quote by={who} text={request.justification} />}
          <DecideForm requestId={request.id} />
        </div>
      )}
    </li>
  )
}
