import { Liquid, type LiquidOptions } from 'liquidjs'
import { BlockTag, blockTags } from './blockTags.ts'

/**
 * A typing mistake is an error, not an empty place; nothing is read from disk, and a mail isn't worth more time or
 * memory than this.
 */
const STRICT: LiquidOptions = {
  strictVariables: true,
  strictFilters: true,
  ownPropertyOnly: true,
  templates: {},
  parseLimit: 1_000_000,
  renderLimit: 2000,
  memoryLimit: 10_000_000,
}

/** One folder holds everything that can be overridden; partial templates would be a second way. */
const WITHOUT = ['include', 'render', 'layout', 'block']

const engine = (options: LiquidOptions): Liquid => {
  const liquid = new Liquid({ ...STRICT, ...options })
  for (const tag of WITHOUT) delete liquid.tags[tag]
  // Values would get into HTML as they are.
  liquid.unregisterFilter('raw')
  liquid.registerFilter('pad', (text: unknown, width: unknown) =>
    String(text).padEnd(Number(width)),
  )
  return liquid
}

/** What a template makes: words in blocks, a text part, or an HTML part, where every value is escaped. */
export const engines = {
  words: () => {
    const liquid = engine({})
    for (const tag of blockTags) liquid.registerTag(tag, BlockTag)
    return liquid
  },
  text: () => engine({}),
  html: () => engine({ outputEscape: 'escape' }),
} as const
export type Format = keyof typeof engines
