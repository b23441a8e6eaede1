import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'
import { TemplateError } from './mistakes.ts'
import type { Templates } from './parsedTemplate.ts'
import { samplesOf } from './samples.ts'
import { type TemplateKind, templateKinds } from './templateFiles.ts'
import { loadTemplates } from './templates.ts'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true })
})

/** The built-in templates, and over them these files. */
const withFiles = (files: Readonly<Record<string, string>>): Templates => {
  const folder = mkdtempSync(join(tmpdir(), 'portcullis-templates-'))
  folders.push(folder)
  for (const [path, source] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    writeFileSync(join(folder, path), source)
  }
  return loadTemplates(folder)
}

const mistakesOf = (files: Readonly<Record<string, string>>): readonly string[] => {
  try {
    withFiles(files)
  } catch (error) {
    if (error instanceof TemplateError) return error.message.split('\n')
    throw error
  }
  return []
}

const first = <K extends TemplateKind>(kind: K, language = 'en') => {
  const [facts] = samplesOf(kind, language)
  if (facts === undefined) throw new Error(`no sample of ${kind}`)
  return facts
}

const denied = (templates: Templates, ...languages: readonly string[]) =>
  templates.render('denied', first('denied'), languages)

describe('built-in templates', () => {
  const templates = loadTemplates()

  it.each(templateKinds)('%s has words in English and in German', (kind) => {
    expect(templates.languagesOf(kind)).toEqual(['de', 'en'])
    for (const language of ['en', 'de'])
      for (const facts of samplesOf(kind, language)) {
        const { subject, text } = templates.render(kind, facts, [language])
        expect(subject).toMatch(/^[^\r\n]{10,200}$/)
        expect(text).toMatch(language === 'en' ? /^Hello Bea/ : /^Guten Tag Bea/)
        expect(text).toContain('Example & Sons')
        expect(text).not.toMatch(/\n{3}|\{[{%]|undefined|null|\[object/)
      }
  })

  it.each([
    [['de-AT'], 'Abgelehnt'],
    [['DE'], 'Abgelehnt'],
    [['fr', 'de'], 'Abgelehnt'],
    [['en-GB', 'de'], 'Denied'],
    [['zh-Hans-CN'], 'Denied'],
    [['not a tag', ''], 'Denied'],
    [[], 'Denied'],
  ])('for who reads %j begin with %s', (languages, word) => {
    expect(denied(templates, ...languages).subject).toMatch(new RegExp(`^${word}: `))
  })
})

describe('templates of the organisation', () => {
  it('go before the built-in ones, for one kind and one language', () => {
    const templates = withFiles({
      'en/denied.liquid': '{% subject %}No: {{ package.name }}{% endsubject %}',
      'README.md': 'ours',
      '.git/config': '',
    })
    expect(denied(templates, 'en')).toMatchObject({ subject: 'No: Marketing & Sales' })
    expect(denied(templates, 'en').text).toMatch(/^Hello Bea/)
    expect(denied(templates, 'de').subject).toMatch(/^Abgelehnt/)
    expect(templates.filesOf('denied', ['en']).words).toMatchObject({ own: true })
    expect(templates.filesOf('approved', ['en']).words).toMatchObject({ own: false })
  })

  it('may add a language, kind by kind; a region goes before its language', () => {
    const common =
      '{% greeting %}Bonjour {{ recipient.name }},{% endgreeting %}{% sender %}{{ apiUrl }}{% endsender %}'
    const templates = withFiles({
      'fr/common.liquid': common,
      'fr/denied.liquid': '{% subject %}Refusé{% endsubject %}',
      'fr-ca/denied.liquid': '{% subject %}Refusé au Canada{% endsubject %}',
    })
    expect(denied(templates, 'fr-BE')).toMatchObject({ subject: 'Refusé' })
    expect(denied(templates, 'fr-CA').subject).toBe('Refusé au Canada')
    expect(denied(templates, 'fr-CA').text).toMatch(/^Bonjour/)
    expect(denied(templates, 'fr').html).toContain('<html lang="fr" dir="ltr">')
    expect(templates.render('approved', first('approved'), ['fr']).subject).toMatch(/^Approved/)
  })

  it('may lay out text and HTML: for all, for a language, for a kind', () => {
    const layout = (name: string) => `${name}: {{ mail.subject }}`
    const templates = withFiles({
      'layout.html.liquid': layout('all'),
      'de/layout.html.liquid': layout('de'),
      'ended.html.liquid': layout('ended'),
      'de/denied.text.liquid': '{{ decision.approver.name }} <{{ request.id }}>',
    })
    expect(denied(templates, 'en').html).toBe('all: Denied: your request for Marketing &amp; Sales')
    expect(denied(templates, 'de').html).toMatch(/^de: Abgelehnt/)
    expect(denied(templates, 'de').text).toBe('Chen Bo <marketing.alva.r1>\n')
    expect(templates.render('ended', first('ended'), ['de']).html).toMatch(/^ended: /)
  })
})

describe('what people wrote', () => {
  const evil = '{{ apiUrl }}{% raw %}<script>alert(1)</script>\r\nBcc: everybody@example.com'
  const facts = () => ({
    ...first('denied'),
    package: { id: 'x', name: evil },
    decision: { approver: { id: 'x', name: evil }, justification: `${evil}\n-- \nsigned` },
  })

  it('is neither a template nor HTML nor a second header', () => {
    const { subject, text, html } = loadTemplates().render('denied', facts(), ['en'])
    expect(subject).toBe(
      'Denied: your request for {{ apiUrl }}{% raw %}<script>alert(1)</script> Bcc: everybody@example.com',
    )
    expect(html).not.toContain('<script')
    expect(html).toContain('&lt;script&gt;')
    expect(text).toContain('> {{ apiUrl }}{% raw %}<script>')
    // A signature line of theirs would end the mail in many programs.
    expect(text.match(/^-- $/gm)).toHaveLength(1)
  })

  it('is escaped in HTML of the organisation too, and nothing switches that off', () => {
    const html = '<a title="{{ package.name }}">{{ package.name | upcase }}</a>'
    const made = withFiles({ 'denied.html.liquid': html }).render('denied', facts(), ['en']).html
    expect(made.match(/</g)).toHaveLength(2)
    expect(mistakesOf({ 'denied.html.liquid': '{{ package.name | raw }}' })).toEqual([
      expect.stringContaining('undefined filter: raw'),
    ])
  })
})

describe('mistakes in templates', () => {
  const subject = '{% subject %}x{% endsubject %}'
  it.each([
    [
      'a value that there is not, also where the samples do not lead',
      {
        'de/denied.liquid': `${subject}\n{% if false %}\n  {{ decison.approver.name }}{% endif %}`,
      },
      /^de\/denied\.liquid line 3, column 6: there is no value decison\.approver\.name here; there is package, request, decision/,
    ],
    [
      'a value of a value',
      { 'en/denied.liquid': `${subject}{{ decision.approver.nam }}` },
      /en\/denied\.liquid line 1, column \d+: .*there is decision\.approver, decision\.approver\.id, decision\.approver\.name/,
    ],
    [
      'a value of another kind',
      { 'en/denied.liquid': `${subject}{{ assignment.id }}` },
      /no value assignment\.id here/,
    ],
    [
      'a value that not every mail has, in a layout',
      { 'layout.text.liquid': '{{ mail.subject }}\n{{ request.id }}' },
      /^layout\.text\.liquid line 2, column 4: there is no value request\.id here; there is recipient, organisation, apiUrl, mail/,
    ],
    [
      'a tag that is not closed',
      { 'en/denied.liquid': `${subject}\n\n{% paragraph %}Hello` },
      /^en\/denied\.liquid line 3, column 1: \{% paragraph %\} has no \{% endparagraph %\}$/,
    ],
    [
      'a tag that there is not',
      { 'en/denied.liquid': `${subject}{% paragraf %}x{% endparagraf %}` },
      /tag "paragraf" not found/,
    ],
    [
      'another file',
      { 'en/denied.liquid': `${subject}{% include 'x' %}` },
      /tag "include" not found/,
    ],
    [
      'a label where there is none',
      { 'en/denied.liquid': `${subject}{% paragraph 'x' %}y{% endparagraph %}` },
      /\{% paragraph %\} has no label/,
    ],
    [
      'a filter that there is not',
      { 'en/denied.liquid': `${subject}{{ package.name | uper }}` },
      /uper/,
    ],
    [
      'words outside of tags',
      { 'en/denied.liquid': `${subject}Hello!` },
      /"Hello!" is outside of a tag/,
    ],
    [
      'no subject',
      { 'en/denied.liquid': '{% paragraph %}x{% endparagraph %}' },
      /no \{% subject %\}/,
    ],
    [
      'a language without a greeting',
      { 'fr/denied.liquid': subject },
      /^fr\/common\.liquid: is missing/,
    ],
    [
      'a kind that there is not',
      { 'en/denid.liquid': subject },
      /^en\/denid\.liquid: is not a template.*denied/,
    ],
    [
      'words without a language',
      { 'denied.liquid': subject },
      /^denied\.liquid: is not a template/,
    ],
    ['another kind of file', { 'en/denied.html': subject }, /^en\/denied\.html: is not a template/],
    [
      'a folder that is no language',
      { 'my mails/denied.liquid': subject },
      /^my mails: is not a language/,
    ],
    [
      'more HTML than Gmail shows',
      {
        'layout.html.liquid':
          '{% for i in (1..300) %}{% for i in (1..400) %}x{% endfor %}{% endfor %}',
      },
      /^layout\.html\.liquid: makes 120000 bytes/,
    ],
    [
      'no end',
      { 'layout.html.liquid': '{% for i in (1..99999999999) %}x{% endfor %}' },
      /limit exceeded/,
    ],
  ])('%s', (_, files, message) => {
    const mistakes = mistakesOf(files)
    expect(mistakes[0]).toMatch(message)
  })

  it('are all told at once', () => {
    expect(
      mistakesOf({ 'en/denied.liquid': '{{ a }}{{ b }}', 'de/ended.liquid': '{{ c }}' }),
    ).toHaveLength(3)
  })

  it('include a folder that is not there', () => {
    expect(() => loadTemplates('/nowhere/at/all')).toThrow(
      /is not a folder that can be read \(ENOENT\)/,
    )
  })
})
