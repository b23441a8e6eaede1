import { parser } from '@prometheus-io/lezer-promql'

/** A time series that an expression names, with the labels that it relies on. */
export interface Used {
  readonly metric: string
  readonly labels: readonly string[]
}

/**
 * What a PromQL expression uses.
 * @returns each selector with the labels of its matchers, and every label by which something is grouped, or that a
 *   legend shows, on all of them
 * @throws Error when it isn't PromQL
 */
export const usedBy = (expression: string): readonly Used[] => {
  // Grafana puts a duration there.
  const text = expression.replaceAll('$__rate_interval', '5m')
  const used: { metric: string; labels: string[] }[] = []
  const grouping: string[] = []
  parser.parse(text).iterate({
    enter: (node) => {
      const words = text.slice(node.from, node.to)
      if (node.type.isError) throw new Error(`not PromQL at "${text.slice(node.from)}": ${text}`)
      if (node.name === 'VectorSelector')
        used.push({ metric: /^[\w:]+/.exec(words)?.[0] ?? words, labels: [] })
      if (node.name === 'UnquotedLabelMatcher')
        used.at(-1)?.labels.push(/^\w+/.exec(words)?.[0] ?? words)
      if (node.name === 'GroupingLabels') grouping.push(...(words.match(/\w+/g) ?? []))
    },
  })
  return used.map(({ metric, labels }) => ({ metric, labels: [...labels, ...grouping] }))
}

/** Sample names of an answer in Prometheus' text format, each with the labels that its samples have. */
export const samplesIn = (text: string): ReadonlyMap<string, ReadonlySet<string>> => {
  const samples = new Map<string, Set<string>>()
  for (const [, name = '', labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(\{.*\})? /gm)) {
    const known = samples.get(name) ?? new Set()
    for (const [, label = ''] of labels.matchAll(/(\w+)="(?:[^"\\]|\\.)*"/g)) known.add(label)
    samples.set(name, known)
  }
  return samples
}

/** Names of the metrics that an answer declares. */
export const metricsIn = (text: string): readonly string[] =>
  [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name = '']) => name)
