import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { Output } from '../cli/output.ts'
import { checkTemplates, previewMail } from './mailTemplates.ts'

describe('templates of mails, on the command line', () => {
  let folder: string
  let texts: string[]
  let values: object[]
  const output: Output = {
    json: false,
    print: async (text, value) => {
      texts.push(text)
      values.push(value)
    },
    note: () => {},
  }
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'portcullis-templates-'))
    texts = []
    values = []
    vi.stubEnv('PORTCULLIS_MAIL_TEMPLATES', folder)
    vi.stubEnv('PORTCULLIS_LOCALE', 'de')
    writeFileSync(join(folder, 'denied.text.liquid'), '{{ mail.subject }} ({{ request.id }})')
  })
  afterEach(() => {
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it('are tried, and it is told which file makes what', async () => {
    await checkTemplates({}, output)
    expect(texts[0]).toMatch(
      /^denied +de +de\/denied\.liquid \(built in\) +denied\.text\.liquid +layout\.html\.liquid \(built in\)$/m,
    )
    expect(texts[0]).toContain(`Every template fits (${folder}).`)
    expect(values[0]).toMatchObject({ folder })
  })

  it('are refused as start would refuse them', async () => {
    writeFileSync(join(folder, 'layout.html.liquid'), '<p>\n{{ mail.subjet }}')
    await expect(checkTemplates({}, output)).rejects.toMatchObject({
      code: 'config.invalid',
      message: expect.stringMatching(
        /^PORTCULLIS_MAIL_TEMPLATES: layout\.html\.liquid line 2, column 4: there is no value mail\.subjet here; there is mail\.subject,/,
      ),
    })
  })

  it("are shown with sample data, in the organisation's language where no other is wanted", async () => {
    await previewMail('denied', { html: false }, output)
    expect(texts[0]).toMatch(/^Subject: Abgelehnt: .*\n\nAbgelehnt: .* \(marketing\.alva\.r1\)/)
    await previewMail('denied', { html: true, locale: 'en-GB' }, output)
    expect(texts[1]).toMatch(/^<!doctype html>\n<html lang="en"/)
    expect(values[1]).toMatchObject({
      language: 'en',
      samples: [{ values: { decision: {} } }, {}, {}],
    })
    await expect(previewMail('declined', { html: false }, output)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('There are approval-requested'),
    })
  })
})
