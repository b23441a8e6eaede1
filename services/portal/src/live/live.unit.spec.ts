import { describe, expect, it } from 'vitest'
import { changeOf } from './live.ts'

describe('a change', () => {
  it('is kind, id and position', () => {
    const data = '{"kind":"request","id":"a.b.r1","position":"7","name":"Bob"}'
    expect(changeOf(data)).toEqual({ kind: 'request', id: 'a.b.r1', position: '7' })
  })

  it.each(['', 'null', '[]', '{"kind":"request"}', '{"kind":1,"id":"a","position":"7"}', '{'])(
    'is none in %s',
    (data) => {
      expect(changeOf(data)).toBeUndefined()
    },
  )
})
