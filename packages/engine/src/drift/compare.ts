import type { Seen } from '@portcullis/provisioning'
import type { GrantView } from '@portcullis/views'

/** Somebody of one role: what the target names, and our grant, where there is one. */
export interface Pair {
  readonly subjectId: string
  readonly seen: Seen | undefined
  readonly grant: GrantView | undefined
}

type Pages<Item> = (after: string | null) => Promise<readonly Item[]>

/** Both sides come in order of the subject's id, a page at a time: so no side has to fit into memory. */
export async function* pairUp(
  seenPages: Pages<Seen>,
  grantPages: Pages<GrantView>,
): AsyncGenerator<Pair, void> {
  const seen = cursor(seenPages)
  const grants = cursor(grantPages)
  for (;;) {
    const [left, right] = [await seen.peek(), await grants.peek()]
    if (left === undefined && right === undefined) return
    const subjectId =
      right === undefined || (left !== undefined && left.subjectId <= right.subjectId)
        ? (left?.subjectId ?? '')
        : right.subjectId
    yield {
      subjectId,
      seen: left?.subjectId === subjectId ? seen.take() : undefined,
      grant: right?.subjectId === subjectId ? grants.take() : undefined,
    }
  }
}

const cursor = <Item extends { readonly subjectId: string }>(pages: Pages<Item>) => {
  let page: readonly Item[] = []
  let index = 0
  let last: string | null = null
  return {
    peek: async (): Promise<Item | undefined> => {
      if (index === page.length) {
        page = await pages(last)
        index = 0
      }
      return page[index]
    },
    take: (): Item | undefined => {
      const item = page[index]
      index += 1
      last = item?.subjectId ?? last
      return item
    },
  }
}

/**
 * `busy`: work is under way, which looks at the target itself. `gone`: found and left alone before, and now as it
 * should be.
 */
export type Judgement = 'fine' | 'missing' | 'unexpected' | 'gone' | 'busy'

/** What was there before us is as it should be, there or not (promise 4). */
export const judge = ({ seen, grant }: Pick<Pair, 'seen' | 'grant'>): Judgement => {
  const there = seen !== undefined
  if (grant === undefined) return there ? 'unexpected' : 'fine'
  if (!grant.settled) return 'busy'
  const held = grant.holderIds.length > 0
  if (!held && grant.preexisting) return 'fine'
  if (held !== there) return held ? 'missing' : 'unexpected'
  return grant.drift === null ? 'fine' : 'gone'
}
