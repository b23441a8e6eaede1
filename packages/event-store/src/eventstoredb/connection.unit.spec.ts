import { describe, expect, it } from 'vitest'
import { connectTo } from './connection.ts'

describe('the address of an EventStoreDB', () => {
  it.each([
    ['esdb://localhost:2113?tls=false', 'localhost:2113', 'nobody'],
    ['kurrentdb://localhost?tls=false', 'localhost', 'nobody'],
    ['esdb://ada:p%40ss@db1:2113,db2:2113?tls=true', 'db1:2113,db2:2113', 'ada'],
    ['esdb+discover://ada:secret@cluster.example:2113', 'cluster.example:2113', 'ada'],
  ])('%s', (url, hosts, username) => {
    expect(connectTo(url)).toMatchObject({ hosts, credentials: { username } })
  })

  it('decodes the password', () => {
    expect(connectTo('esdb://ada:p%40ss@db1:2113').credentials.password).toBe('p@ss')
  })

  it.each([
    ['http://ada:hunter2@localhost:2113', /must start with esdb:/],
    ['esdb://localhost:2113', /user:password@.*tls=false/],
    ['esdb://ada:hunter2@localhost:port', /can't be read/],
    ['esdb://ada:hunter2@localhost:2113?tls', /can't be read/],
  ])('refuses %s, and tells no password', (url, message) => {
    expect(() => connectTo(url)).toThrow(message)
    expect(() => connectTo(url)).toThrow(/^(?!.*hunter2)/)
  })
})
