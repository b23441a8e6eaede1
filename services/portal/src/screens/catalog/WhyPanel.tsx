import { useQuery } from '@tanstack/react-query'
import { Card } from '../../components/Card.tsx'
import { Icon } from '../../components/Icon.tsx'
import { Answered } from '../../components/states/Answered.tsx'
import { whyQuery } from '../../data/queries.ts'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Catalog.module.css'

/** Why somebody may not ask for a package: one line for all, then what each policy says of them, and the way out. */
export function WhyPanel({ packageId }: { readonly packageId: string }) {
  const { t } = useI18n()
  const query = useQuery(whyQuery(packageId))
  return (
    <Answered query={query}>
      {(why) => (
        <Card
          tone="wait"
          title={
            <>
              {t('why.title')} <bdi>{why.packageName}</bdi>
            </>
          }
        >
          {why.refusal !== null && (
            <p>{t.find(`refusal.${why.refusal.code}`) ?? why.refusal.message}</p>
          )}
          {why.policies.length > 0 && (
            <ul className={styles.reasons}>
              {why.policies.map((policy) => (
                <li
                  key={policy.policyId}
                  className={styles.reason}
                  data-applies={policy.applies || undefined}
                >
                  <Icon name={policy.applies ? 'check' : 'cross'} />
                  <span>
                    <strong>
                      <bdi>{policy.displayName}</bdi>
                    </strong>
                    {reason(t, policy)}
                  </span>
                </li>
              ))}
            </ul>
          )}
          <p>{t('why.wayOut')}</p>
        </Card>
      )}
    </Answered>
  )
}

type Translate = ReturnType<typeof useI18n>['t']
interface Verdict {
  readonly enabled: boolean
  readonly applies: boolean
  readonly basis: { readonly kind: string; readonly displayName: string } | null
}

const reason = (t: Translate, { enabled, basis }: Verdict): string => {
  if (!enabled) return t('why.disabled')
  if (basis === null) return t('why.notInScope')
  return t('why.inScope', { kind: basis.kind.toLowerCase(), name: basis.displayName })
}
