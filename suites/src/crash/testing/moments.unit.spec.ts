import { describe, expect, it } from 'vitest'
import { createMoments } from './moments.ts'

const never = new Promise<void>(() => {})

describe('moments', () => {
  it('come when so many more have been seen of their sort, while the last one is being seen', () => {
    const { seen, after } = createMoments()
    const came: string[] = []
    after(2, 'mail', () => came.push('mail'), never)
    after(4, 'anything', () => came.push('anything'), never)
    for (const sight of ['mail', 'call', 'call'] as const) seen(sight)
    expect(came).toEqual([])
    seen('mail')
    expect(came).toEqual(['mail', 'anything'])
  })

  it('come at rest when no more is seen, and then no more', async () => {
    const { seen, after } = createMoments()
    let came = 0
    const rest = Promise.withResolvers<void>()
    const moment = after(2, 'anything', () => (came += 1), rest.promise)
    seen('call')
    rest.resolve()
    await moment
    seen('call')
    expect(came).toBe(1)
  })

  it('tell that there is no rest', async () => {
    const { after } = createMoments()
    const moment = after(1, 'anything', () => {}, Promise.reject(new Error('stuck')))
    await expect(moment).rejects.toThrow('stuck')
  })
})
