import { Histogram, type Registry } from 'prom-client'

/** What the histogram of one set of labels holds. */
export interface Counted {
  readonly labels: Readonly<Record<string, string>>
  readonly count: number
  readonly sum: number
  /** How many are at or below the bound of the same index. */
  readonly atMost: readonly number[]
}

interface CountedHistogramOptions {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly string[]
  readonly bounds: readonly number[]
  readonly counted: readonly Counted[]
  readonly registry: Registry
}

/** A histogram that was counted elsewhere: in a view, which outlives this process and is the same in all of them. */
export class CountedHistogram extends Histogram {
  readonly #options: CountedHistogramOptions

  constructor(options: CountedHistogramOptions) {
    const { name, help, labelNames, bounds, registry } = options
    super({ name, help, labelNames, buckets: [...bounds], registers: [registry] })
    this.#options = options
  }

  /** What the registry asks a histogram for, though the types don't say so; `get` is made of it. */
  async getForPromString() {
    const { name, help, bounds, counted } = this.#options
    const values = counted.flatMap(({ labels, count, sum, atMost }) => [
      ...bounds.map((bound, index) => ({
        labels: { ...labels, le: bound },
        value: atMost[index] ?? count,
        metricName: `${name}_bucket`,
      })),
      { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` },
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ])
    return { name, help, type: 'histogram', values }
  }
}
