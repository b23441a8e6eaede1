import { z } from 'zod'

const gridPos = z.strictObject({
  h: z.int().min(1),
  w: z.int().min(1).max(24),
  x: z.int().min(0).max(23),
  y: z.int().min(0),
})
const datasource = z.strictObject({
  type: z.literal('prometheus'),
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the name of Grafana's variable.
  uid: z.literal('${datasource}'),
})
const target = z.object({
  refId: z.string().regex(/^[A-Z]$/),
  datasource,
  expr: z.string().min(1),
  legendFormat: z.string(),
})

/** What Grafana needs of a dashboard that a file provides, as far as ours goes. */
export const dashboardSchema = z.object({
  uid: z.string().min(1).max(40),
  title: z.string().min(1),
  schemaVersion: z.int().min(36),
  templating: z.object({
    list: z.array(z.object({ name: z.literal('datasource'), type: z.literal('datasource') })),
  }),
  panels: z.array(
    z.discriminatedUnion('type', [
      z.object({ id: z.int(), type: z.literal('row'), title: z.string().min(1), gridPos }),
      z.object({
        id: z.int(),
        type: z.enum(['timeseries', 'stat']),
        title: z.string().min(1),
        gridPos,
        datasource,
        targets: z.array(target).min(1),
      }),
    ]),
  ),
})

/** What alerting rules look like. */
export const rulesSchema = z.strictObject({
  groups: z.array(
    z.strictObject({
      name: z.string().min(1),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^Portcullis[A-Za-z]+$/),
          expr: z.string().min(1),
          for: z
            .string()
            .regex(/^\d+[smh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning']) }),
          annotations: z.strictObject({
            summary: z.string().min(1),
            description: z.string().optional(),
          }),
        }),
      ),
    }),
  ),
})
