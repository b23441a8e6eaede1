import { useI18n } from '../i18n/I18n.tsx'
import { Icon } from './Icon.tsx'
import styles from './RoleList.module.css'

interface Role {
  readonly resourceId: string
  readonly roleId: string
  readonly resourceName: string | null
  readonly roleName: string | null
}

/** What a package confers: role and resource by name. */
export function RoleList({ roles }: { readonly roles: readonly Role[] }) {
  const { t } = useI18n()
  if (roles.length === 0) return <p className={styles.none}>{t('roles.none')}</p>
  return (
    <ul className={styles.roles}>
      {roles.map(({ resourceId, roleId, resourceName, roleName }) => (
        <li key={`${resourceId}.${roleId}`} className={styles.role}>
          <Icon name="key" size={18} />
          <span>
            <bdi className={styles.resource}>{resourceName ?? resourceId}</bdi>
            <bdi className={styles.name}>{roleName ?? roleId}</bdi>
          </span>
        </li>
      ))}
    </ul>
  )
}
