import type { Input } from '@portcullis/client'
import { EXIT } from '@portcullis/runtime'
import { CommandFailed } from '../cli/output.ts'

type Terms = Input<'changePolicy'>['terms']
type Principal = { readonly kind: 'user' | 'group'; readonly id: string }

/** A policy in words of the command line. */
export interface PolicyFlags {
  readonly policyName?: string
  readonly policyDescription?: string
  readonly forUser?: readonly string[]
  readonly forGroup?: readonly string[]
  readonly forDirectory?: readonly string[]
  /** False when --no-one was given. */
  readonly one?: boolean
  readonly approverUser?: readonly string[]
  readonly approverGroup?: readonly string[]
  readonly approvalDays?: number
  /** False when --no-approval was given. */
  readonly approval?: boolean
  readonly requestorJustification?: boolean
  readonly approverJustification?: boolean
  readonly expiresOn?: string
  readonly expiresAfterDays?: number
  readonly expiresAfterHours?: number
  readonly neverExpires?: boolean
  readonly extension?: boolean
  readonly extensionApproval?: boolean
  readonly zone?: string
}

const wrong = (sentence: string): CommandFailed => new CommandFailed(sentence, EXIT.usage)

/** Has anything about a policy been said at all? */
export const saysPolicy = ({ one, approval, ...flags }: PolicyFlags): boolean =>
  one === false || approval === false || POLICY_FLAGS.some((flag) => flags[flag] !== undefined)

const POLICY_FLAGS = [
  'policyName',
  'policyDescription',
  'forUser',
  'forGroup',
  'forDirectory',
  'approverUser',
  'approverGroup',
  'approvalDays',
  'requestorJustification',
  'approverJustification',
  'expiresOn',
  'expiresAfterDays',
  'expiresAfterHours',
  'neverExpires',
  'extension',
  'extensionApproval',
  'zone',
] as const

/**
 * What the flags say, on top of what a policy says already.
 * @param now the terms to change; undefined for a new policy, which must say who may request, who approves and when
 *   access ends: as in the API, nothing is approved automatically unless somebody says so
 * @throws CommandFailed (2) that names the flags
 */
export const termsFrom = (flags: PolicyFlags, now?: Terms): Terms => {
  const zone = flags.zone ?? now?.zone
  return {
    displayName: flags.policyName ?? now?.displayName ?? missing('--policy-name <text>'),
    description: flags.policyDescription ?? now?.description ?? '',
    requestors:
      requestorsFrom(flags) ??
      now?.requestors ??
      missing('one of --for-user, --for-group, --for-directory and --no-one'),
    requestorJustification: flags.requestorJustification ?? now?.requestorJustification ?? false,
    approval: approvalFrom(flags, now?.approval),
    expiration:
      expirationFrom(flags) ??
      now?.expiration ??
      missing(`one of ${EXPIRATIONS.join(', ')}: when access ends`),
    extension: extensionFrom(flags, now?.extension),
    ...(zone === undefined ? {} : { zone }),
  }
}

const missing = (what: string): never => {
  throw wrong(`a policy needs ${what}`)
}

const onlyOne = <Value>(names: readonly string[], values: readonly (Value | undefined)[]) => {
  const given = values.flatMap((value, index) => (value === undefined ? [] : [{ value, index }]))
  if (given.length > 1)
    throw wrong(
      `${given.map(({ index }) => names[index]).join(' and ')} can't go together; give one of them`,
    )
  return given[0]?.value
}

const principals = (
  users: readonly string[] = [],
  groups: readonly string[] = [],
): readonly Principal[] | undefined => {
  const all = [
    ...users.map((id) => ({ kind: 'user', id }) as const),
    ...groups.map((id) => ({ kind: 'group', id }) as const),
  ]
  return all.length === 0 ? undefined : all
}

const requestorsFrom = (flags: PolicyFlags): Terms['requestors'] | undefined => {
  const inside = principals(flags.forUser, flags.forGroup)
  return onlyOne<Terms['requestors']>(
    ['--for-user or --for-group', '--for-directory', '--no-one'],
    [
      inside && { kind: 'directory', principals: inside },
      flags.forDirectory && { kind: 'external', directoryIds: flags.forDirectory },
      flags.one === false ? { kind: 'none' } : undefined,
    ],
  )
}

/** Days that approvers have where nothing else is said: as in the product's portal. */
const APPROVAL_DAYS = 14

const approvalFrom = (
  flags: PolicyFlags,
  now: Terms['approval'] | undefined,
): Terms['approval'] => {
  const approvers = principals(flags.approverUser, flags.approverGroup)
  const touched =
    approvers !== undefined ||
    flags.approvalDays !== undefined ||
    flags.approverJustification !== undefined
  if (flags.approval === false) {
    if (touched) throw wrong("--no-approval can't go with --approver-… or --approval-days")
    return { required: false }
  }
  if (!touched)
    return now ?? missing('--approver-user or --approver-group, or --no-approval: who approves')
  const stages = now?.required === true ? now.stages : []
  if (stages.length > 1)
    throw wrong('this policy has several approval stages; change them with --file')
  const [stage] = stages
  return {
    required: true,
    stages: [
      {
        approvers:
          approvers ?? stage?.approvers ?? missing('--approver-user or --approver-group for that'),
        timeoutDays: flags.approvalDays ?? stage?.timeoutDays ?? APPROVAL_DAYS,
        approverJustification: flags.approverJustification ?? stage?.approverJustification ?? false,
      },
    ],
  }
}

const EXPIRATIONS = [
  '--expires-on <date>',
  '--expires-after-days <count>',
  '--expires-after-hours <count>',
  '--never-expires',
]

const expirationFrom = (flags: PolicyFlags): Terms['expiration'] | undefined =>
  onlyOne<Terms['expiration']>(EXPIRATIONS, [
    flags.expiresOn === undefined ? undefined : { kind: 'onDate', date: flags.expiresOn },
    flags.expiresAfterDays === undefined
      ? undefined
      : { kind: 'afterDays', days: flags.expiresAfterDays },
    flags.expiresAfterHours === undefined
      ? undefined
      : { kind: 'afterHours', hours: flags.expiresAfterHours },
    flags.neverExpires === true ? { kind: 'never' } : undefined,
  ])

const extensionFrom = (
  { extension, extensionApproval }: PolicyFlags,
  now: Terms['extension'] | undefined,
): Terms['extension'] => {
  if (extension === false) {
    if (extensionApproval === true) throw wrong("--no-extension can't go with --extension-approval")
    return { allowed: false }
  }
  if (extension === undefined && extensionApproval === undefined) return now ?? { allowed: false }
  const before = now?.allowed === true ? now.approvalRequired : undefined
  return {
    allowed: true,
    approvalRequired:
      extensionApproval ??
      before ??
      missing('--extension-approval or --no-extension-approval: are extensions approved'),
  }
}
