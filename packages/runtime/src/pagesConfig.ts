import { z } from 'zod'

const onOrOff = z.enum(['on', 'off'], { error: 'is neither on nor off' })

/** Which pages the API shows in a browser. */
export const pagesVariables = {
  /** The portal, where it has been built. */
  PORTCULLIS_PORTAL: onOrOff.default('on'),
  /** Lets administrators look into the queues in a browser. */
  PORTCULLIS_QUEUE_BOARD: onOrOff.default('off'),
} as const

export interface PagesConfig {
  readonly portal: boolean
  readonly queueBoard: boolean
}

export const pagesOf = (
  data: Readonly<Record<keyof typeof pagesVariables, 'on' | 'off'>>,
): PagesConfig => ({
  portal: data.PORTCULLIS_PORTAL === 'on',
  queueBoard: data.PORTCULLIS_QUEUE_BOARD === 'on',
})
