import type { Answer } from '@portcullis/client'
import { Chip, type Tone } from '../../components/Chip.tsx'
import type { IconName } from '../../components/Icon.tsx'
import { When } from '../../components/When.tsx'
import { useI18n } from '../../i18n/I18n.tsx'
import styles from './Lanes.module.css'

type Role = Answer<'getAssignment'>['roles'][number]
type State = Role['delivery']['state']

const LOOKS: Readonly<
  Record<State, { readonly tone: Tone; readonly icon?: IconName; readonly part: number }>
> = {
  Waiting: { tone: 'accent', icon: 'truck', part: 1 },
  Failed: { tone: 'wait', icon: 'alert', part: 1 },
  Delivered: { tone: 'good', part: 2 },
  Revoking: { tone: 'accent', icon: 'truck', part: 3 },
  Revoked: { tone: 'quiet', part: 4 },
  Kept: { tone: 'good', icon: 'key', part: 4 },
}
/** Granting, there, taking away, gone. */
const PARTS = [1, 2, 3, 4]

/** A lane for each resource role: how far it is, what went wrong, and when it is tried again. */
export function Lanes({ roles }: { readonly roles: readonly Role[] }) {
  return (
    <ul className={styles.lanes}>
      {roles.map((role) => (
        <Lane key={role.id} role={role} />
      ))}
    </ul>
  )
}

function Lane({ role }: { readonly role: Role }) {
  const { t } = useI18n()
  const { delivery } = role
  const { part, ...look } = LOOKS[delivery.state]
  return (
    <li className={styles.lane}>
      <div className={styles.head}>
        <p>
          <bdi className={styles.resource}>{role.resourceName ?? role.resourceId}</bdi>{' '}
          <bdi className={styles.role}>{role.roleName ?? role.roleId}</bdi>
        </p>
        <Chip {...look}>{t(`delivery.state.${delivery.state}`)}</Chip>
      </div>
      <span aria-hidden="true" className={styles.track}>
        {PARTS.map((each) => (
          <span key={each} data-tone={each <= part ? look.tone : undefined} />
        ))}
      </span>
      <p className={styles.detail}>
        <Detail role={role} />
      </p>
    </li>
  )
}

function Detail({ role: { delivery, preexisting } }: { readonly role: Role }) {
  const { t } = useI18n()
  const { failure, deliveredAt, revokedAt } = delivery
  if (failure !== null)
    return (
      <>
        {t('delivery.tried', { count: failure.attempts })}{' '}
        {failure.nextTryAt === null ? (
          t('delivery.notAgain')
        ) : (
          <>
            {t('delivery.nextTry')} <When at={failure.nextTryAt} />
          </>
        )}
      </>
    )
  if (delivery.state === 'Kept') return t('delivery.kept')
  if (revokedAt !== null)
    return (
      <>
        {t('delivery.revokedAt')} <When at={revokedAt} as="full" />
      </>
    )
  if (deliveredAt !== null)
    return (
      <>
        {preexisting ? t('delivery.preexisting') : t('delivery.deliveredAt')}{' '}
        <When at={deliveredAt} as="full" />
      </>
    )
  return t('delivery.waiting')
}
