import { type Context, type Link, TraceFlags, trace } from '@opentelemetry/api'
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  SamplingDecision,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace'
import type { TracingConfig } from './tracingConfig.ts'

/**
 * What OTEL_TRACES_SAMPLER says. Where the parent decides, so do those that a trace without a parent links to: a batch
 * is recorded when anything in it is.
 */
export const samplerOf = ({ sampler, ratio }: TracingConfig): Sampler => {
  switch (sampler) {
    case 'always_on':
      return new AlwaysOnSampler()
    case 'always_off':
      return new AlwaysOffSampler()
    case 'traceidratio':
      return new TraceIdRatioBasedSampler(ratio)
    case 'parentbased_always_on':
      return parentBased(new AlwaysOnSampler())
    case 'parentbased_always_off':
      return parentBased(new AlwaysOffSampler())
    case 'parentbased_traceidratio':
      return parentBased(new TraceIdRatioBasedSampler(ratio))
  }
}

const parentBased = (root: Sampler): Sampler => {
  const byParent = new ParentBasedSampler({ root })
  return {
    shouldSample: (context, traceId, name, kind, attributes, links) =>
      hasSampledLink(context, links)
        ? { decision: SamplingDecision.RECORD_AND_SAMPLED }
        : byParent.shouldSample(context, traceId, name, kind, attributes, links),
    toString: () => `LinkOrParentBased{${byParent}}`,
  }
}

const hasSampledLink = (context: Context, links: readonly Link[]): boolean =>
  trace.getSpanContext(context) === undefined &&
  links.some((link) => (link.context.traceFlags & TraceFlags.SAMPLED) !== 0)
