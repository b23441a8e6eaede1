import type { Json } from './json.ts'

/**
 * A command that the rules don't allow. A value, not an exception: exceptions are bugs or broken infrastructure.
 * `code` is `<aggregate>.<reason>` in kebab-case (`approval.already-decided`) and is part of the public contract.
 */
export interface Refusal {
  readonly code: string
  /** One sentence for people: what is wrong, by which rule, and the way out. */
  readonly message: string
  readonly data?: { readonly [key: string]: Json | undefined }
  /** What sort of "no" it is; the API maps it to a status. */
  readonly kind: RefusalKind
}

/**
 * invalid: the input itself · not-found · forbidden: the actor may not · conflict: the state has moved on ·
 * not-allowed: a rule of the policy or package
 */
export type RefusalKind = 'invalid' | 'not-found' | 'forbidden' | 'conflict' | 'not-allowed'

/** The "no" among the decisions. */
export interface Refused {
  readonly ok: false
  readonly refusal: Refusal
}

export type Decision<E> = { readonly ok: true; readonly events: readonly E[] } | Refused

export const accept = <E>(...events: readonly E[]): Decision<E> => ({ ok: true, events })

export const refuse = (
  kind: RefusalKind,
  code: string,
  message: string,
  data?: Refusal['data'],
): Refused => ({
  ok: false,
  refusal: { kind, code, message, ...(data === undefined ? {} : { data }) },
})
