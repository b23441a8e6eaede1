import type { Item } from '@portcullis/client'
import { outcomeOf } from '@portcullis/client'
import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../api.ts'
import { announce } from '../../app/Announcer.tsx'
import { Actions } from '../../components/Actions.tsx'
import { Button } from '../../components/Button.tsx'
import { Card } from '../../components/Card.tsx'
import { Chip } from '../../components/Chip.tsx'
import { TextBox } from '../../components/TextBox.tsx'
import { describeFailure } from '../../data/failures.ts'
import { noteAtLeast } from '../../data/freshness.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Decide.module.css'

type Request = Item<'listRequests'>

interface Properties {
  readonly requests: readonly Request[]
  onDone(): void
}

/** One reason for several: sent one after another, and each says what became of it. */
export function DecideMany({ requests, onDone }: Properties) {
  const { t } = useI18n()
  const client = useQueryClient()
  // Those that are decided leave the list; here they stay until the person has read what became of them.
  const [chosen] = useState(requests)
  const [reason, setReason] = useState('')
  const [running, setRunning] = useState(false)
  const [outcomes, setOutcomes] = useState<ReadonlyMap<string, string | null>>(new Map())
  const decide = async (decision: 'approve' | 'deny'): Promise<void> => {
    setRunning(true)
    const send = decision === 'approve' ? api.approveRequest : api.denyRequest
    const found = new Map<string, string | null>()
    for (const { id } of chosen) {
      try {
        const outcome = await outcomeOf(
          send({ requestId: id, ...(reason.trim() === '' ? {} : { justification: reason }) }),
        )
        if (outcome.ok) noteAtLeast(outcome.answer.position)
        found.set(id, outcome.ok ? null : describeFailure(outcome.refusal, t).text)
      } catch (error) {
        const failure = error instanceof Error ? error : new Error(String(error))
        found.set(id, describeFailure(failure, t).text)
      }
      setOutcomes(new Map(found))
    }
    setRunning(false)
    const done = [...found.values()].filter((failure) => failure === null).length
    announce(t('approvals.manyDone', { done, count: found.size }))
    await client.invalidateQueries({ queryKey: ['request'] })
  }
  const finished = outcomes.size === chosen.length && !running
  return (
    <Card tone="accent" title={t('approvals.many', { count: chosen.length })}>
      <ul className={styles.outcomes}>
        {chosen.map((request) => {
          const failure = outcomes.get(request.id)
          return (
            <li key={request.id}>
              <bdi>
                {t('home.asksFor', {
                  person: request.subjectName ?? request.subjectId,
                  package: request.packageName ?? request.packageId,
                })}
              </bdi>
              {failure === null && <Chip tone="good">{t('approvals.done')}</Chip>}
              {typeof failure === 'string' && <span className={styles.failure}>{failure}</span>}
            </li>
          )
        })}
      </ul>
      {!finished && (
        <TextBox
          label={t('approvals.reasonForAll')}
          hint={t('approvals.reasonHint')}
          value={reason}
          onChange={setReason}
        />
      )}
      <Actions>
        {finished ? (
          <Button onPress={onDone}>{t('approvals.close')}</Button>
        ) : (
          <>
            <Button kind="danger" isPending={running} onPress={() => void decide('deny')}>
              {t('approvals.denyAll')}
            </Button>
            <Button kind="primary" isPending={running} onPress={() => void decide('approve')}>
              {t('approvals.approveAll')}
            </Button>
          </>
        )}
      </Actions>
    </Card>
  )
}
