import { fakeClock } from '@portcullis/core/testing'
import { describe, expect, it } from 'vitest'
import { createBoardSessions, LINK_MILLIS, SESSION_MILLIS } from './boardSessions.ts'

const START = '2026-06-01T08:00:00.000Z'
const caller = { actor: { kind: 'user', id: 'alice' }, directoryRoles: [] } as const
const at = (millis: number): string => new Date(Date.parse(START) + millis).toISOString()

describe('sessions of the queue board', () => {
  const open = () => {
    const clock = fakeClock(START)
    return { clock, sessions: createBoardSessions(clock) }
  }

  it('a link lets in once', () => {
    const { sessions } = open()
    const link = sessions.link(caller)
    const session = sessions.enter(link) ?? ''
    expect(sessions.callerOf(session)).toBe(caller)
    expect(sessions.enter(link)).toBeUndefined()
    expect(session).not.toBe(link)
  })

  it('a link is no session, and a session no link', () => {
    const { sessions } = open()
    const link = sessions.link(caller)
    expect(sessions.callerOf(link)).toBeUndefined()
    const session = sessions.enter(link) ?? ''
    expect(sessions.enter(session)).toBeUndefined()
    expect(sessions.callerOf('')).toBeUndefined()
  })

  it('both end at their time', () => {
    const { clock, sessions } = open()
    const late = sessions.link(caller)
    const inTime = sessions.enter(sessions.link(caller)) ?? ''
    clock.set(at(LINK_MILLIS))
    expect(sessions.enter(late)).toBeUndefined()
    clock.set(at(SESSION_MILLIS - 1))
    expect(sessions.callerOf(inTime)).toBe(caller)
    clock.set(at(SESSION_MILLIS))
    expect(sessions.callerOf(inTime)).toBeUndefined()
  })

  it('holds no more than a hundred links: the oldest goes', () => {
    const { sessions } = open()
    const links = Array.from({ length: 101 }, () => sessions.link(caller))
    expect(sessions.enter(links[0] ?? '')).toBeUndefined()
    expect(sessions.enter(links[1] ?? '')).toBeDefined()
  })
})
