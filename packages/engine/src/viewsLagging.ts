import type { Position } from '@portcullis/core'

/** The views didn't reach a position in time; the command itself is done. Ask again. */
export class ViewsLagging extends Error {
  readonly code = 'views.lagging'
  constructor(position: Position) {
    super(`the views have not reached position ${position} yet; ask again in a moment`)
    this.name = 'ViewsLagging'
  }
}
