import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { type AddressInfo, createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ConnectorError } from '../connector.ts'
import { accessOf, type LdapDirectory, slapdMissing, startLdapDirectory } from '../testing/index.ts'
import { createLdapConnector, type LdapConnectorOptions } from './ldapConnector.ts'

const missing = slapdMissing()

describe.skipIf(missing !== undefined)(
  `ldap sessions${missing ? ` (skipped: ${missing})` : ''}`,
  () => {
    const { signal } = new AbortController()
    let directory: LdapDirectory
    let group: string
    beforeAll(async () => {
      directory = await startLdapDirectory({ tls: true })
      await directory.addPerson('alice@northwind.example')
      group = await directory.addGroup('marketing', 'groupOfNames')
    })
    afterAll(() => directory.stop())

    const connect = (options: Partial<LdapConnectorOptions> = {}) =>
      createLdapConnector({
        name: 'directory',
        url: directory.url,
        bindDn: directory.bindDn,
        password: directory.password,
        base: directory.people,
        groupKind: 'groupOfNames',
        placeholderMember: directory.placeholder,
        ...options,
      })
    const failure = async (call: Promise<unknown>): Promise<ConnectorError> => {
      const error = await call.then(
        () => undefined,
        (reason: unknown) => reason,
      )
      if (error instanceof ConnectorError) return error
      throw new Error(`not a ConnectorError: ${error}`)
    }

    describe('encryption', () => {
      const secure = async () => ({ ca: await readFile(directory.caFile, 'utf8') })

      it.each(['ldaps', 'StartTLS'])('works over %s', async (way) => {
        const connector = connect({
          ...(await secure()),
          ...(way === 'ldaps'
            ? { url: `ldaps://localhost:${directory.securePort}` }
            : { url: `ldap://localhost:${directory.port}`, startTls: true }),
        })
        await connector.probe()
        expect(await connector.readBack(accessOf('alice', group), signal)).toMatchObject({
          state: 'absent',
        })
        await connector.close()
      })

      it.each([
        ['an authority that it does not know', 'localhost', false],
        ['a certificate for another name', '127.0.0.1', true],
      ])('does not say its password to %s', async (_, host, known) => {
        for (const way of [
          { url: `ldaps://${host}:${directory.securePort}` },
          { url: `ldap://${host}:${directory.port}`, startTls: true },
        ]) {
          expect(
            await failure(connect({ ...(known ? await secure() : {}), ...way }).probe()),
          ).toMatchObject({ code: 'ldap.certificate', transient: false })
        }
      })
    })

    describe('connections', () => {
      it('goes on after the server dropped what lay idle', async () => {
        const connector = connect()
        const access = accessOf('alice', group)
        for (let n = 0; n < 5; n += 1) await connector.readBack(access, signal)
        await directory.kill()
        await directory.start()
        await connector.grant(access, signal)
        for (let n = 0; n < 5; n += 1)
          expect(await connector.readBack(access, signal)).toMatchObject({
            state: 'present',
          })
        await connector.close()
        expect(await failure(connector.readBack(access, signal))).toMatchObject({
          code: 'ldap.closed',
        })
      })

      it('shows its password nowhere', async () => {
        const error = await failure(connect({ password: 'a-wrong-one-123' }).probe())
        expect(error).toMatchObject({ code: 'ldap.unauthorised', transient: false })
        expect(`${error.message} ${error.stack}`).not.toContain('a-wrong-one-123')
      })

      it.each([
        ['ldap', {}],
        ['StartTLS', { startTls: true }],
        ['ldaps', {}],
      ])(
        'gives up on a server that takes %s connections and says nothing',
        async (way, options) => {
          const silent = createServer(() => {}).listen(0, '127.0.0.1')
          await once(silent, 'listening')
          const { port } = silent.address() as AddressInfo
          const url = `${way === 'ldaps' ? 'ldaps' : 'ldap'}://127.0.0.1:${port}`
          const connector = connect({ url, timeoutMillis: 200, ...options })
          const access = accessOf('alice', 'cn=x')
          expect(await failure(connector.grant(access, signal))).toMatchObject({
            code: 'ldap.timeout',
            transient: true,
          })
          const closing = new AbortController()
          const call = connector.grant(access, closing.signal)
          closing.abort(new Error('shutting down'))
          await expect(call).rejects.toThrow('shutting down')
          await connector.close()
          silent.close()
        },
      )

      it('calls a server that is not there transient', async () => {
        const connector = connect({ url: 'ldap://127.0.0.1:1' })
        expect(await failure(connector.probe())).toMatchObject({
          code: 'ldap.unreachable',
          transient: true,
        })
      })
    })
  },
)
