import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Access, type Connector, ConnectorError, type Holder } from '../connector.ts'

/** A target made ready for one test. */
export interface ConnectorUnderTest {
  readonly connector: Connector
  /** Subjects that the target knows, at least 8, with the resource role that they may get. */
  readonly accesses: readonly Access[]
  /** Another resource role of the first subject. */
  readonly otherRole: Access
  /** A subject that the target can't give the role to; absent where it takes anybody. */
  readonly stranger?: Access
  /** What the target itself holds, read without the connector: subject ids with the access of `accesses`. */
  holders(): Promise<readonly string[]>
  /** The same target through a second connector, as another process would have it. */
  second(): Connector
  /** Makes the target fail: until `repair`. */
  break(kind: 'for a while' | 'until corrected'): Promise<void>
  repair(): Promise<void>
  close(): Promise<void>
}

/** What every connector must do, whatever it connects to. */
export const describeConnectorContract = (
  name: string,
  make: () => Promise<ConnectorUnderTest>,
): void => {
  describe(`connector contract: ${name}`, () => {
    let target: ConnectorUnderTest
    const { signal } = new AbortController()
    beforeEach(async () => {
      target = await make()
    })
    afterEach(async () => {
      await target.connector.close()
      await target.close()
    })

    const at = (index: number): Access => {
      const access = target.accesses[index]
      if (access === undefined) throw new Error(`the target under test has no access ${index}`)
      return access
    }

    /** Everybody who has the role of `accesses`, by the connector; undefined where it can't say. */
    const listed = async (signalled: AbortSignal): Promise<readonly Holder[] | undefined> => {
      const { resource, role } = at(0)
      const pages = target.connector.holders?.({ resource, role }, signalled)
      if (pages === undefined) return undefined
      const all: Holder[] = []
      for await (const page of pages) all.push(...page)
      return all
    }

    it('can be probed', async () => {
      await expect(target.connector.probe()).resolves.toBeUndefined()
    })

    it('reads back absent, grants, reads back present, revokes, reads back absent', async () => {
      const { connector } = target
      expect(await connector.readBack(at(0), signal)).toMatchObject({
        state: 'absent',
      })
      await connector.grant(at(0), signal)
      expect(await connector.readBack(at(0), signal)).toMatchObject({
        state: 'present',
      })
      expect(await target.holders()).toEqual([at(0).subject.id])
      await connector.revoke(at(0), signal)
      expect(await connector.readBack(at(0), signal)).toMatchObject({
        state: 'absent',
      })
      expect(await target.holders()).toEqual([])
    })

    it('grants twice as once', async () => {
      await target.connector.grant(at(0), signal)
      await target.connector.grant(at(0), signal)
      expect(await target.holders()).toEqual([at(0).subject.id])
      await target.connector.revoke(at(0), signal)
      expect(await target.holders()).toEqual([])
    })

    it('revokes twice as once, and what was never there', async () => {
      await target.connector.revoke(at(1), signal)
      await target.connector.grant(at(0), signal)
      await target.connector.revoke(at(0), signal)
      await target.connector.revoke(at(0), signal)
      expect(await target.holders()).toEqual([])
    })

    it('leaves other subjects and other roles alone', async () => {
      for (const access of [at(0), at(1), target.otherRole])
        await target.connector.grant(access, signal)
      await target.connector.revoke(at(0), signal)
      expect(await target.connector.readBack(at(0), signal)).toMatchObject({
        state: 'absent',
      })
      expect(await target.connector.readBack(at(1), signal)).toMatchObject({
        state: 'present',
      })
      expect(await target.connector.readBack(target.otherRole, signal)).toMatchObject({
        state: 'present',
      })
    })

    it('loses nobody when subjects are granted side by side, through two connectors', async () => {
      const second = target.second()
      await Promise.all(
        target.accesses.map((access, index) =>
          (index % 2 === 0 ? target.connector : second).grant(access, signal),
        ),
      )
      const everybody = target.accesses.map(({ subject }) => subject.id)
      expect([...(await target.holders())].sort()).toEqual([...everybody].sort())
      await Promise.all(
        target.accesses.map((access, index) =>
          index === 0
            ? undefined
            : (index % 2 === 0 ? second : target.connector).revoke(access, signal),
        ),
      )
      expect(await target.holders()).toEqual([at(0).subject.id])
      await second.close()
    })

    it('lists everybody who has the role, each once, where it can list at all', async (context) => {
      if ((await listed(signal)) === undefined) return context.skip('it cannot')
      expect(await listed(signal)).toEqual([])
      const { accesses, otherRole } = target
      for (const access of [...accesses, otherRole]) await target.connector.grant(access, signal)
      await target.connector.revoke(at(1), signal)
      const found = await listed(signal)
      // By the id, the user name or the address: whichever the target knows.
      const nameOf = ({ subjectId, userName, email }: Holder) =>
        accesses.find(
          ({ subject }) =>
            subject.id === subjectId || subject.userName === userName || subject.email === email,
        )?.subject.id
      const expected = accesses.map(({ subject }) => subject.id).filter((_, index) => index !== 1)
      expect(found?.map(nameOf).sort()).toEqual(expected.sort())
      for (const { label } of found ?? []) expect(label).not.toBe('')
    })

    it('lists nobody for a caller that has given up', async (context) => {
      if (target.connector.holders === undefined) return context.skip('it lists nobody')
      await target.connector.grant(at(0), signal)
      const given = AbortSignal.abort(new Error('shutting down'))
      await expect(listed(given)).rejects.toThrow('shutting down')
    })

    it('does nothing for a caller that has given up', async () => {
      const given = AbortSignal.abort(new Error('shutting down'))
      const { connector } = target
      await expect(connector.grant(at(0), given)).rejects.toThrow('shutting down')
      await expect(connector.revoke(at(0), given)).rejects.toThrow('shutting down')
      await expect(connector.readBack(at(0), given)).rejects.toThrow('shutting down')
      expect(await target.holders()).toEqual([])
    })

    it.each([
      ['for a while', true],
      ['until corrected', false],
    ] as const)('says that it fails %s, and works once repaired', async (kind, transient) => {
      await target.connector.grant(at(0), signal)
      await target.break(kind)
      const failures = await Promise.all(
        [
          target.connector.grant(at(1), signal),
          target.connector.revoke(at(0), signal),
          target.connector.readBack(at(0), signal),
          target.connector.probe(),
          ...(target.connector.holders === undefined ? [] : [listed(signal)]),
        ].map((call) =>
          call.then(
            () => undefined,
            (error: unknown) => error,
          ),
        ),
      )
      for (const failure of failures) {
        expect(failure).toBeInstanceOf(ConnectorError)
        expect(failure).toMatchObject({
          transient,
          code: expect.stringMatching(/^[a-z]+\.[a-z-]+$/),
        })
      }
      await target.repair()
      await target.connector.grant(at(1), signal)
      await target.connector.revoke(at(0), signal)
      expect(await target.holders()).toEqual([at(1).subject.id])
    })
  })
}
