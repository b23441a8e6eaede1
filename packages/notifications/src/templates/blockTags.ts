import {
  type Context,
  type Liquid,
  type Parser,
  Tag,
  type TagToken,
  type Template,
  type TopLevelToken,
  TypeGuards,
  Value,
} from 'liquidjs'
import { manyLines, oneLine } from '../render/words.ts'
import type { Block } from './block.ts'

/** What the tags of one template have said, in order. */
export type Said = (
  | Block
  | { readonly kind: 'subject' | 'greeting' | 'reason' | 'sender'; readonly text: string }
)[]

const SAID = 'said'
const MAX_PARAGRAPH = 4000
const LABELLED = ['row', 'quote', 'command']

/**
 * Tags of a words template: `{% paragraph %}…{% endparagraph %}`; with a label `{% row "Access package" %}…{% endrow
 * %}`.
 */
export const blockTags = [
  'subject',
  'greeting',
  'heading',
  'paragraph',
  'reason',
  'sender',
  ...LABELLED,
] as const

/** What was said while a template was rendered in this context. */
export const saidIn = (context: Context): Said => context.getRegister<Said>(SAID, [])

/** Collects its content as a block instead of writing it out. */
export class BlockTag extends Tag {
  private readonly templates: Template[] = []
  private readonly label: Value | undefined

  constructor(token: TagToken, rest: TopLevelToken[], liquid: Liquid, parser: Parser) {
    super(token, rest, liquid)
    if (LABELLED.includes(token.name)) {
      this.label = new Value(this.tokenizer.readFilteredValue(), liquid)
    } else if (this.tokenizer.remaining().trim() !== '') {
      throw new Error(`{% ${token.name} %} has no label`)
    }
    for (let next = rest.shift(); next !== undefined; next = rest.shift()) {
      if (TypeGuards.isTagToken(next) && next.name === `end${token.name}`) return
      this.templates.push(parser.parseToken(next, rest))
    }
    throw new Error(`{% ${token.name} %} has no {% end${token.name} %}`)
  }

  *render(context: Context): Generator<unknown, void, unknown> {
    const text = String(yield this.liquid.renderer.renderTemplates(this.templates, context))
    const label = this.label === undefined ? '' : String(yield this.label.value(context))
    say(saidIn(context), this.name, oneLine(label, 250), text)
  }

  // biome-ignore lint/correctness/useYield: liquidjs takes what the generator returns; nothing is awaited.
  *children(): Generator<unknown, Template[]> {
    return this.templates
  }

  *arguments(): Generator<Value> {
    if (this.label !== undefined) yield this.label
  }
}

/** Empty ones are left out, so that a template needn't ask whether there is something to say. */
const say = (said: Said, tag: string, label: string, text: string): void => {
  const line = oneLine(text, MAX_PARAGRAPH)
  if (line === '') return
  const last = said.at(-1)
  switch (tag) {
    case 'row':
      if (last?.kind === 'rows') said.pop()
      said.push(rowsOf([...(last?.kind === 'rows' ? last.rows : []), { label, value: line }]))
      break
    case 'quote':
    case 'command':
      said.push({ kind: tag, label, lines: manyLines(text, MAX_PARAGRAPH).split('\n') })
      break
    case 'heading':
    case 'paragraph':
    case 'subject':
    case 'greeting':
    case 'reason':
    case 'sender':
      said.push({ kind: tag, text: line })
      break
    default:
      throw new Error(`no such tag: ${tag}`)
  }
}

const rowsOf = (rows: readonly { readonly label: string; readonly value: string }[]): Block => ({
  kind: 'rows',
  rows,
  width: Math.max(...rows.map(({ label }) => label.length)),
})
