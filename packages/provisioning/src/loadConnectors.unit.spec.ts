import { describe, expect, it } from 'vitest'
import { loadConnectors } from './loadConnectors.ts'

const options = {
  clock: { now: () => '2026-03-01T09:00:00.000Z' },
  dataDir: '/nowhere',
  apiUrl: 'https://access.example.com',
  env: {
    IDM_TOKEN: 'a-token',
    ODD_TOKEN: 'two words',
    TICKETS_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
    LDAP_PASSWORD: 'a-password',
  },
}
const webhook = { name: 'tickets', kind: 'webhook', url: 'https://tickets.example/access' }
const signed = { ...webhook, secretEnv: 'TICKETS_SECRET' }
const ldap = {
  name: 'directory',
  kind: 'ldap',
  url: 'ldaps://ldap.example',
  bindDn: 'cn=portcullis,dc=example',
  base: 'ou=people,dc=example',
  groupKind: 'groupOfNames',
}
const withPassword = { ...ldap, passwordEnv: 'LDAP_PASSWORD' }
const scim = { name: 'idm', kind: 'scim', baseUrl: 'https://idm.example/scim' }

describe('loading connectors', () => {
  it('makes each by its name', async () => {
    const connectors = await loadConnectors(
      [
        { name: 'file', kind: 'file', path: 'memberships.json' },
        { ...scim, tokenEnv: 'IDM_TOKEN', createUsers: true, groupOf: 'role' },
        { ...signed, readBack: true, awaitedFor: '14d', timeoutMillis: 5000 },
        { ...withPassword, userFilter: '(mail={email})', startTls: true, url: 'ldap://l.example' },
      ],
      options,
    )
    expect([...connectors].map(([name, connector]) => [name, connector.name])).toEqual([
      ['file', 'file'],
      ['idm', 'idm'],
      ['tickets', 'tickets'],
      ['directory', 'directory'],
    ])
  })

  it('says what becomes of access from before us, and governs every kind', async () => {
    const connectors = await loadConnectors(
      [
        { name: 'a', kind: 'file', path: 'a.csv', preexisting: 'take-over', concurrency: 2 },
        { name: 'b', kind: 'file', path: 'b.csv', perSecond: 5, circuit: { failures: 3 } },
      ],
      options,
    )
    expect(connectors.get('a')?.preexisting).toBe('take-over')
    expect(connectors.get('b')?.preexisting).toBeUndefined()
  })

  it.each([
    ['no list', {}, /^connectors: /],
    ['an unknown kind', [{ name: 'x', kind: 'ftp' }], /^connectors\[0\]\.kind: /],
    ['a bad name', [{ name: 'A b', kind: 'file', path: 'm.csv' }], /^connectors\[0\]\.name: /],
    [
      'no place at all',
      [{ name: 'x', kind: 'file', path: 'm.csv', concurrency: 0 }],
      /\[0\]\.concurrency: /,
    ],
    [
      'an odd word',
      [{ name: 'x', kind: 'file', path: 'm.csv', preexisting: 'yes' }],
      /\[0\]\.preexisting: /,
    ],
    ['a bad extension', [{ name: 'x', kind: 'file', path: 'm.xml' }], /\[0\]\.path: .*\.json/],
    ['an unknown field', [{ name: 'x', kind: 'file', path: 'm.csv', mode: 1 }], /"mode"/],
    ['no token', [scim], /^connectors\[0\]\.tokenEnv: give one/],
    ['two tokens', [{ ...scim, tokenEnv: 'IDM_TOKEN', tokenFile: 't' }], /tokenEnv: give one/],
    ['a variable not set', [{ ...scim, tokenEnv: 'NONE' }], /\(idm\)\.tokenEnv: .*NONE/],
    ['a file not there', [{ ...scim, tokenFile: 't' }], /\.tokenFile: \/nowhere\/t .*ENOENT/],
    [
      'an attribute that nobody is looked up by',
      [{ ...scim, tokenEnv: 'IDM_TOKEN', alsoLookUpBy: ['phone'] }],
      /\.alsoLookUpBy\[0\]: .*externalId/,
    ],
    ['an odd token', [{ ...scim, tokenEnv: 'ODD_TOKEN' }], /\(idm\)\.token: /],
    [
      'plain http',
      [{ ...scim, tokenEnv: 'IDM_TOKEN', baseUrl: 'http://idm.example' }],
      /\.baseUrl: must be https/,
    ],
    ['no secret', [webhook], /^connectors\[0\]\.secretEnv: give one/],
    ['a secret not set', [{ ...webhook, secretEnv: 'NONE' }], /\(tickets\)\.secretEnv: .*NONE/],
    ['an odd secret', [{ ...webhook, secretEnv: 'ODD_TOKEN' }], /\(tickets\)\.secrets: must be/],
    ['a wait without a unit', [{ ...signed, awaitedFor: '14' }], /\.awaitedFor: .*14d/],
    ['a wait of years', [{ ...signed, awaitedFor: '9999d' }], /\.awaitedFor: .*366d/],
    [
      'two ways to read back',
      [{ ...signed, readBack: true, readBackUrl: 'https://tickets.example/who' }],
      /\.readBack: give readBack or readBackUrl/,
    ],
    ['no password', [ldap], /^connectors\[0\]\.passwordEnv: give one/],
    [
      'a password not set',
      [{ ...ldap, passwordEnv: 'NONE' }],
      /\(directory\)\.passwordEnv: .*NONE/,
    ],
    ['no authorities', [{ ...withPassword, caFile: 'c' }], /\.caFile: \/nowhere\/c .*ENOENT/],
    ['no kind of group', [{ ...withPassword, groupKind: 'group' }], /\.groupKind: /],
    ['plain ldap', [{ ...withPassword, url: 'ldap://l.example' }], /\.url: must be ldaps/],
    ['what is no ldap', [{ ...withPassword, url: 'https://l.example' }], /\.url: not a URL such/],
    [
      'more than a host',
      [{ ...withPassword, url: 'ldaps://l.example/dc=x' }],
      /\.url: takes a host/,
    ],
    ['StartTLS twice', [{ ...withPassword, startTls: true }], /\.startTls: is for ldap/],
    [
      'a filter for nobody',
      [{ ...withPassword, userFilter: '(uid=x)' }],
      /\.userFilter: must hold/,
    ],
    [
      'an unknown {}',
      [{ ...withPassword, userFilter: '(uid={login})' }],
      /\.userFilter: "{login}"/,
    ],
    [
      'half a filter',
      [{ ...withPassword, userFilter: '(uid={id}' }],
      /\.userFilter: is not a filter/,
    ],
    [
      'a name given twice',
      [
        { name: 'x', kind: 'file', path: 'a.csv' },
        { name: 'x', kind: 'file', path: 'b.csv' },
      ],
      /^connectors\[1\]\.name: "x" is given twice/,
    ],
  ])('refuses %s and names the field', async (_, config, message) => {
    await expect(loadConnectors(config, options)).rejects.toMatchObject({
      code: 'connectors.configuration',
      message: expect.stringMatching(message),
    })
  })

  it('never shows a token', async () => {
    const error = await loadConnectors([{ ...scim, tokenEnv: 'ODD_TOKEN' }], options).catch(String)
    expect(error).not.toContain('two words')
  })
})
