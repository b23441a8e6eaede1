import type { Operation, OperationId, operations } from '@portcullis/api-contract'
import type { z } from 'zod'

type Operations = typeof operations

type ParamsOf<Op> =
  Op extends Operation<infer Params, infer _Q, infer _B, infer _A> ? Params : never
type QueryOf<Op> = Op extends Operation<infer _P, infer Query, infer _B, infer _A> ? Query : never
type BodyOf<Op> = Op extends Operation<infer _P, infer _Q, infer Body, infer _A> ? Body : never
type AnswerOf<Op> =
  Op extends Operation<infer _P, infer _Q, infer _B, infer Answer> ? Answer : never

/** Readonly all the way down: what is sent and what is answered is never changed. */
type Frozen<T> = T extends readonly (infer Item)[]
  ? readonly Frozen<Item>[]
  : T extends object
    ? { readonly [Key in keyof T]: Frozen<T[Key]> }
    : T

/** Fields with a name; an empty zod object has an index signature instead. */
type Named<T> = { [Key in keyof T as string extends Key ? never : Key]: T[Key] }

type OptionalKeys<T> = { [Key in keyof T]-?: object extends Pick<T, Key> ? Key : never }[keyof T]

/** Fields of the query string as what they mean: `limit: 20` and `waitingForMe: true` instead of their texts. */
type Meant<Query extends z.ZodType> = {
  [Key in Exclude<keyof Named<z.output<Query>>, OptionalKeys<z.input<Query>>>]: z.output<Query>[Key]
} & {
  [Key in keyof Named<z.output<Query>> & OptionalKeys<z.input<Query>>]?:
    | z.output<Query>[Key]
    | undefined
}

/** One line in an editor's hint instead of how it was put together. */
type Plain<T> = T extends object ? { [Key in keyof T]: T[Key] } : never

/** What an operation takes: the fields of its path, of its query string and of its body, in one object. */
export type Input<Id extends OperationId> = Plain<
  Frozen<
    Named<z.input<ParamsOf<Operations[Id]>>> &
      Meant<QueryOf<Operations[Id]>> &
      Named<NonNullable<z.input<BodyOf<Operations[Id]>>>>
  >
>

/** What an operation answers; a download, its bytes as they come. */
export type Answer<Id extends OperationId> = Operations[Id] extends { readonly kind: 'download' }
  ? ReadableStream<Uint8Array>
  : Frozen<z.output<AnswerOf<Operations[Id]>>>

/** Operations that change something: they take a command id, and answer a position. */
export type CommandOperation = {
  [Id in OperationId]: Answer<Id> extends { readonly commandId: string } ? Id : never
}[OperationId]

/** One item of an operation that answers a list in pages. */
export type Item<Id extends OperationId> =
  Answer<Id> extends { readonly items: readonly (infer Each)[]; readonly next: string | null }
    ? Each
    : never
