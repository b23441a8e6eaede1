import type { Item } from '@portcullis/client'
import { lookOfAssignment, lookOfRequest } from '../data/status.ts'
import { useI18n } from '../i18n/I18n.tsx'
import { Chip } from './Chip.tsx'

type RequestState = Pick<Item<'listRequests'>, 'status' | 'subStatus'>
type AssignmentState = Pick<Item<'listAssignments'>, 'status'>

export function RequestStatus({ of }: { readonly of: RequestState }) {
  const { t } = useI18n()
  const { word, ...look } = lookOfRequest(of.status, of.subStatus)
  return <Chip {...look}>{t(word)}</Chip>
}

export function AssignmentStatus({ of }: { readonly of: AssignmentState }) {
  const { t } = useI18n()
  const { word, ...look } = lookOfAssignment(of.status)
  return <Chip {...look}>{t(word)}</Chip>
}
