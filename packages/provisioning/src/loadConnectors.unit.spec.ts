import { describe, expect, it } from 'vitest'
import { loadConnectors } from './loadConnectors.ts'

const options = {
  clock: { now: () => '2026-03-01T09:00:00.000Z' },
  dataDir: '/nowhere',
  env: { IDM_TOKEN: 'a-token', ODD_TOKEN: 'two words' },
}
const scim = { name: 'idm', kind: 'scim', baseUrl: 'https://idm.example/scim' }

describe('loading connectors', () => {
  it('makes each by its name', async () => {
    const connectors = await loadConnectors(
      [
        { name: 'file', kind: 'file', path: 'memberships.json' },
        { ...scim, tokenEnv: 'IDM_TOKEN', createUsers: true, groupOf: 'role' },
      ],
      options,
    )
    expect([...connectors].map(([name, connector]) => [name, connector.name])).toEqual([
      ['file', 'file'],
      ['idm', 'idm'],
    ])
  })

  it.each([
    ['no list', {}, /^connectors: /],
    ['an unknown kind', [{ name: 'x', kind: 'ldap' }], /^connectors\[0\]\.kind: /],
    ['a bad name', [{ name: 'A b', kind: 'file', path: 'm.csv' }], /^connectors\[0\]\.name: /],
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
