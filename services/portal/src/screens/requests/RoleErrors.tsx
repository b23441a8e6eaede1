import type { Answer } from '@portcullis/client'
import { Card, Row, Rows } from '../../components/Card.tsx'
import { When } from '../../components/When.tsx'
import { useI18n } from '../../i18n/I18n.tsx'

type Errors = Answer<'getRequest'>['fulfilmentErrors']

/** What couldn't be delivered yet, role by role, and when it is tried again: nobody has to ask who knows. */
export function RoleErrors({ errors }: { readonly errors: Errors }) {
  const { t } = useI18n()
  return (
    <Card tone="wait" title={t('delivery.errors', { count: errors.length })}>
      <Rows>
        {errors.map((error) => (
          <Row
            key={`${error.resourceId}.${error.roleId}`}
            title={
              <bdi>
                {error.resourceName ?? error.resourceId}: {error.roleName ?? error.roleId}
              </bdi>
            }
            detail={
              <>
                {t('delivery.tried', { count: error.attempts })}{' '}
                {error.nextTryAt === null ? (
                  t('delivery.notAgain')
                ) : (
                  <>
                    {t('delivery.nextTry')} <When at={error.nextTryAt} />
                  </>
                )}
              </>
            }
          />
        ))}
      </Rows>
    </Card>
  )
}
