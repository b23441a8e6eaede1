import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { certificate } from '@portcullis/core/testing'
import { simpleParser } from 'mailparser'
import type { SMTPServerOptions } from 'smtp-server'
import { afterEach, describe, expect, it } from 'vitest'
import { type SmtpPeer, startSmtpPeer } from '../testing/smtpPeer.ts'
import { createEmlTransport } from './emlTransport.ts'
import { createSmtpTransport } from './smtpTransport.ts'
import type { OutgoingMail } from './transport.ts'

const mail: OutgoingMail = {
  messageId: '<5b1f3c1e-5c1a-5b8e-9d55-0b1c8f6a7e31@portcullis.northwind.example>',
  from: { name: 'Access', address: 'access@northwind.example' },
  to: { name: 'Ōta Hiroshi, "Hiro"', address: 'hiro@northwind.example' },
  subject: 'Ends in 14 days: 営業 (31 May 2026)',
  text: 'Hello,\n.\nFrom here: naïve 😀\n',
  html: '<p>Hello 😀</p>',
  date: '2026-03-02T10:00:00.000Z',
  kind: 'ends-in-14-days',
  recipientId: 'hiro',
  eventId: '7f1f3c1e-5c1a-5b8e-9d55-0b1c8f6a7e31',
  at: '2026-03-01T09:00:00.000Z',
}

describe('SMTP transport', () => {
  let peer: SmtpPeer | undefined
  afterEach(() => peer?.close())
  const auth = { user: 'portcullis', pass: 'correct-horse-battery' }
  const accepting = (password: string): SMTPServerOptions => ({
    authOptional: false,
    allowInsecureAuth: true,
    onAuth: (given, _session, callback) =>
      given.password === password
        ? callback(null, { user: 'portcullis' })
        : callback(new Error(`wrong password ${given.password}`)),
  })

  it('signs in and sends', async () => {
    peer = await startSmtpPeer(accepting(auth.pass))
    const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}`, auth })
    expect(await transport.send(mail)).toMatchObject({ kind: 'accepted' })
    expect(peer.mails[0]).toMatchObject({ subject: mail.subject, messageId: mail.messageId })
    expect(peer.mails[0]?.text).toContain('naïve 😀')
    await transport.close()
  })

  it('puts plain text first, and offers no unsubscribing from what concerns the recipient alone', async () => {
    peer = await startSmtpPeer()
    const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}` })
    await transport.send(mail)
    await transport.close()
    const types = [...(peer.raw[0] ?? '').matchAll(/^content-type: ([\w/]+)/gim)]
    expect(types.map(([, type]) => type)).toEqual([
      'multipart/alternative',
      'text/plain',
      'text/html',
    ])
    expect(peer.raw[0]).toMatch(/^auto-submitted: auto-generated\r$/im)
    expect(peer.raw[0]).not.toMatch(/^(?:list-|precedence|bcc|reply-to)/im)
  })

  it.each([
    ['to be greeted', { onConnect: () => {} }],
    ['about the sender', { onMailFrom: () => {} }],
    ['about the recipient', { onRcptTo: () => {} }],
    ['about the message', { onData: (stream: Readable) => void stream.resume() }],
  ] as const)('keeps a mail that waits too long for an answer %s', async (_, silent) => {
    peer = await startSmtpPeer(silent)
    const transport = createSmtpTransport({
      url: `smtp://127.0.0.1:${peer.port}`,
      timeoutMillis: 100,
    })
    expect(await transport.send(mail)).toEqual({
      kind: 'later',
      reply: expect.stringMatching(/^ETIMEDOUT/),
    })
    await transport.close()
    expect(peer.seen).toEqual([])
  })

  it('keeps mails when the password is wrong, and never shows it', async () => {
    peer = await startSmtpPeer(accepting('another'))
    const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}`, auth })
    const { kind, reply } = await transport.send(mail)
    expect(kind).toBe('later')
    expect(reply).toContain('535')
    expect(reply).not.toContain(auth.pass)
    await transport.close()
  })

  it('keeps mails when the server refuses the sender or its greeting is a refusal', async () => {
    peer = await startSmtpPeer({
      onMailFrom: (_address, _session, callback) =>
        callback(Object.assign(new Error('sender refused'), { responseCode: 553 })),
    })
    const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}` })
    expect(await transport.send(mail)).toMatchObject({
      kind: 'later',
      reply: expect.stringContaining('553'),
    })
    await transport.close()
    await peer.close()
    peer = await startSmtpPeer({
      onConnect: (_session, callback) =>
        callback(Object.assign(new Error('not you'), { responseCode: 554 })),
    })
    const refused = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}` })
    expect(await refused.send(mail)).toMatchObject({ kind: 'later' })
    await refused.close()
  })

  it('sends over TLS only, where that is required', async () => {
    peer = await startSmtpPeer()
    const url = `smtp://127.0.0.1:${peer.port}`
    const plain = createSmtpTransport({ url, requireTls: true })
    expect(await plain.send(mail)).toMatchObject({ kind: 'later' })
    expect(peer.mails).toEqual([])
    await plain.close()
    await peer.close()
    peer = await startSmtpPeer({
      ...accepting(auth.pass),
      ...certificate,
      allowInsecureAuth: false,
      disabledCommands: [],
    })
    const options = { url: `smtp://127.0.0.1:${peer.port}`, requireTls: true, auth }
    const suspicious = createSmtpTransport(options)
    expect(await suspicious.send(mail)).toMatchObject({ kind: 'later' })
    expect(peer.mails).toEqual([])
    await suspicious.close()
    const trusting = createSmtpTransport({ ...options, ca: certificate.cert })
    expect(await trusting.send(mail)).toMatchObject({ kind: 'accepted' })
    await trusting.close()
  })

  it('waits for mails under way when it closes', async () => {
    peer = await startSmtpPeer()
    const transport = createSmtpTransport({ url: `smtp://127.0.0.1:${peer.port}` })
    const sending = Promise.all(Array.from({ length: 12 }, () => transport.send(mail)))
    await transport.close()
    expect((await sending).map(({ kind }) => kind)).toEqual(Array(12).fill('accepted'))
  })

  it.each([
    'mail.example.com',
    'http://mail.example.com',
    'smtp://',
    'smtp://u:p@mail.example.com',
  ])('refuses the url %s', (url) => {
    expect(() => createSmtpTransport({ url })).toThrow(/^url: /)
  })
})

describe('eml transport', () => {
  it('writes files that mail programs open, the same file when sent again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-eml-'))
    const lines: string[] = []
    const transport = createEmlTransport({
      folder: join(folder, 'mail'),
      log: (line) => lines.push(line),
    })
    for (const date of [mail.date, '2026-03-02T11:00:00.000Z'])
      expect(await transport.send({ ...mail, date })).toMatchObject({ kind: 'accepted' })
    const files = await readdir(join(folder, 'mail'))
    expect(files).toEqual(['20260301T090000Z-ends-in-14-days-hiro-5b1f3c1e.eml'])
    const path = join(folder, 'mail', files[0] ?? '')
    expect(lines[0]).toContain(path)
    const parsed = await simpleParser(await readFile(path))
    expect(parsed).toMatchObject({ subject: mail.subject, messageId: mail.messageId })
    expect(parsed.to).toMatchObject({ value: [mail.to] })
    expect(parsed.text).toBe(mail.text)
    expect(parsed.html).toContain('Hello 😀')
    await rm(folder, { recursive: true })
  })

  it('stays in its folder whatever the recipient is called', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'portcullis-eml-'))
    const transport = createEmlTransport({ folder, log: () => {} })
    await transport.send({ ...mail, recipientId: '../../x/y' })
    expect(await readdir(folder)).toEqual([
      '20260301T090000Z-ends-in-14-days-______x_y-5b1f3c1e.eml',
    ])
    await rm(folder, { recursive: true })
  })
})
