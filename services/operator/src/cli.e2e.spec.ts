import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  environment,
  linesOf,
  ROOT,
  type Running,
  runCommand,
  startCommand,
  temporaryFolder,
  typed,
} from './testing/commandLine.ts'
import { runHere } from './testing/runHere.ts'

const SAMPLE = join(ROOT, 'examples', 'northwind-harbour')
const REQUEST = 'marketing-basics.alice.r1'

let folder: Awaited<ReturnType<typeof temporaryFolder>>
let env: NodeJS.ProcessEnv
let engine: Running

/** Commands that only look share one engine. */
beforeAll(async () => {
  folder = await temporaryFolder()
  env = environment({ PORTCULLIS_DATA: join(folder.path, 'data') })
  engine = startCommand(['start', '--json'], env)
  await engine.says('"event":"started"')
})
afterAll(async () => {
  await engine?.stop()
  await folder?.remove()
})

const run = (line: string) => runHere(line.split(' '), env)

describe('help', () => {
  it('is there for the whole, with configuration and exit codes', async () => {
    const ran = await runCommand(['--help'], env)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toMatch(/^Usage: portcullis /)
    expect(ran.stdout).toContain('docs/reference/configuration.md')
    expect(ran.stdout).toContain('Exit codes: 0 done')
  })

  it.each([
    'start',
    'migrate',
    'move',
    'import',
    'token',
    'request',
    'inbox',
    'approve',
    'deny',
    'show',
    'events',
    'events tail',
    'events show',
    'projection',
    'projection status',
    'projection rebuild',
    'projection verify',
    'projection resume',
    'projection skip',
    'projection skipped',
    'promises check',
    'mails',
    'mails retry',
    'mails check',
    'mails preview',
    'timelapse',
  ])('is there for %s', async (command) => {
    const ran = await run(`${command} --help`)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(ran.stdout).toContain(`Usage: portcullis ${command} [options]`)
  })
})

describe('wrong usage: exit code 2 and a sentence', () => {
  it.each([
    ['nonsense', "unknown command 'nonsense'"],
    ['events nonsense', "unknown command 'nonsense'"],
    ['mails --nonsense', "unknown option '--nonsense'"],
    ['start sideways', 'part: sideways is not one of all, api, worker'],
    ['start all worker', 'too many arguments'],
    ['import', "missing required argument 'folder'"],
    ['token', 'name either --as <person> or --service <name>'],
    ['token --as alice --service hr', 'name either --as <person> or --service <name>'],
    ['token --service hr --role King', 'Allowed choices are UserAdministrator, CatalogCreator'],
    ['token --as alice --hours 0', 'not a number above 0 and up to 8784'],
    ['token --as alice --hours soon', 'not a number above 0 and up to 8784'],
    ['request marketing-basics', 'say who asks with --as <person> (or PORTCULLIS_AS)'],
    ['mails --last 1.5', 'not a whole number above 0'],
    ['mails --status lost', 'Allowed choices are queued, sending, accepted, refused, withdrawn'],
    ['mails retry', 'give --refused for every refused one'],
    ['mails retry 17', 'It is not a UUID'],
    ['mails preview nothing', 'There is no mail "nothing". There are approval-requested, '],
    ['events tail --last -1', 'not a whole number above 0'],
    ['events tail --after yesterday', '--after: yesterday is not a position'],
    ['projection rebuild nonsense', 'there is no projection nonsense; there are catalogs'],
    ['projection rebuild packages --partitions 2', "partitions: packages can't be split"],
    ['projection verify nonsense', 'there is no projection nonsense; there are catalogs'],
  ])('%s', async (line, sentence) => {
    const ran = await run(line)
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr).toContain(sentence)
    expect(ran.stderr).not.toMatch(/\n\s+at /)
  })

  it('a wrong configuration: every variable, none of its values', async () => {
    const ran = await runCommand(
      ['start'],
      environment({
        PORTCULLIS_PORT: 'eighty',
        PORTCULLIS_ZONE: 'Mars/Olympus',
        DATABASE_URL: 'mysql://user:hidden@db/x',
        SMTP_URL: 'mail.example',
      }),
    )
    expect(ran).toMatchObject({ code: 2, stdout: '' })
    expect(ran.stderr.replace('portcullis: ', '').trim().split('\n')).toEqual([
      'PORTCULLIS_PORT is not a number from 0 to 65535',
      'PORTCULLIS_ZONE is not an IANA time zone such as Europe/Berlin',
      'DATABASE_URL is not a URL starting with postgres:// or postgresql://',
      'SMTP_URL is not a URL starting with smtp:// or smtps://',
    ])
  })
})

describe('import', () => {
  it('checks a whole folder and writes nothing with --dry-run', async () => {
    const ran = await run(`import ${SAMPLE} --dry-run --json`)
    expect(ran).toMatchObject({ code: 0, stderr: '' })
    expect(linesOf(ran.stdout)).toMatchObject([{ dryRun: true, entries: { people: 275 } }])
  })

  it('lists each mistake with its file and line, and writes nothing', async () => {
    const files = await temporaryFolder()
    await writeFile(
      join(files.path, 'people.csv'),
      'id,userName,displayName,email\nzoe,zoe,Zoe,zoe@example.com\nmax,max,Max,not an address\n',
    )
    await writeFile(join(files.path, 'memberships.csv'), 'groupId,personId\nstaff,zoe\n,zoe\n')
    const ran = await run(`import ${files.path}`)
    await files.remove()
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(ran.stderr).toContain('nothing was imported: 2 mistakes to correct first')
    expect(ran.stderr).toMatch(/^people\.csv line 3: email: /m)
    expect(ran.stderr).toMatch(/^memberships\.csv line 3: groupId: /m)
    expect((await run('inbox --as zoe')).stderr).toContain('actor.unknown')
  })
})

describe('one request, with --json', () => {
  it('request, inbox, deny, show: one document each', async () => {
    const asked = await run('request marketing-basics --as alice --why Fair --json')
    expect(asked.code).toBe(0)
    expect(linesOf(asked.stdout)).toMatchObject([{ requestId: REQUEST, status: 'PendingApproval' }])
    const inbox = await run('inbox --as bob --json --limit 1')
    expect(linesOf(inbox.stdout)).toMatchObject([
      { items: [{ id: REQUEST, subjectId: 'alice' }], more: false },
    ])
    expect((await run('inbox --as alice')).stdout).toBe('Nothing waits for alice.\n')

    const denied = await run(`deny ${REQUEST} --as bob --why Later --json`)
    expect(linesOf(denied.stdout)).toMatchObject([{ status: 'Denied' }])
    const shown = await run(`show ${REQUEST} --as alice --json`)
    expect(linesOf(shown.stdout)).toMatchObject([
      {
        request: {
          id: REQUEST,
          status: 'Denied',
          justification: 'Fair',
          decidedBy: 'bob',
          decisionJustification: 'Later',
        },
        assignment: null,
      },
    ])
  })

  it('a refusal: exit code 1, with its code', async () => {
    const late = await runCommand(['approve', REQUEST, '--as', 'birte-lorenzen', '--json'], env)
    expect(late).toMatchObject({ code: 1, stdout: '' })
    expect(linesOf(late.stderr)).toMatchObject([
      { error: { code: 'approval.already-decided', message: expect.stringContaining('bob') } },
    ])
    const unknown = await run('request nothing --as alice')
    expect(unknown.code).toBe(1)
    expect(unknown.stderr).toContain('There is no access package with the id nothing')
  })

  it('what is done but probably not meant: with a warning', async () => {
    const policy =
      '--policy-name Fixed --for-group marketing --no-approval --expires-on 2099-12-31 --no-extension-approval'
    const ran = await run(`policy add everyday-tools ${policy} --disabled --as carol`)
    expect(ran.code).toBe(0)
    expect(ran.stderr).toMatch(
      /^ {2}warning: \S*terms\.extension Access by this policy ends on 2099-12-31 at the latest/,
    )
  })

  it.each([
    ['request marketing-basics --as mareike-doering', 'request.justification-needed'],
    ['request accounting --as alice --why Curious', 'package.not-found'],
    ['request personnel-files --as alice --why Curious', 'package.not-found'],
    ['request yard-planner-trial --as alice --why Curious', 'package.not-found'],
    [`approve ${REQUEST} --as alice`, 'approval.'],
  ])('%s: %s', async (line, code) => {
    const ran = await run(`${line} --json`)
    expect(ran).toMatchObject({ code: 1, stdout: '' })
    expect(linesOf(ran.stderr)).toMatchObject([{ error: { code: expect.stringContaining(code) } }])
  })

  it('mails: the ledger, newest first, of one person', async () => {
    const ran = await run('mails --to bob --json')
    expect(linesOf(ran.stdout)).toMatchObject([
      { mails: [{ kind: 'approval-requested', recipientId: 'bob' }] },
    ])
  })

  it('events tail: after a position, of some types, the last few', async () => {
    const all = linesOf((await run('events tail --after 0 --json')).stdout)
    expect(all[0]).toMatchObject({
      position: expect.stringMatching(/1$/),
      type: expect.any(String),
    })
    const last = linesOf((await run('events tail --last 2 --json')).stdout)
    expect(last).toEqual(all.slice(-2))
    const denials = await run('events tail --last 1000 --type ApprovalDenied.v1 --json')
    expect(linesOf(denials.stdout)).toMatchObject([
      {
        type: 'ApprovalDenied.v1',
        data: { requestId: REQUEST },
        metadata: { actor: { id: 'bob' } },
      },
    ])
  })

  it('events tail --follow: each event as it comes, until Ctrl-C', async () => {
    const tail = startCommand(
      ['events', 'tail', '--last', '1', '--follow', '--type', 'RequestSubmitted.v1', '--json'],
      env,
    )
    await run('request marketing-basics --as alice --why Again')
    await tail.says('marketing-basics.alice.r2')
    expect(await tail.stop()).toMatchObject({ code: 0, stderr: '' })
    await run('deny marketing-basics.alice.r2 --as bob --why Again')
  })

  it('events show: one stream', async () => {
    const ran = await run('events show entitlement-marketing-basics.alice --json')
    const types = linesOf(ran.stdout).map(({ type }) => type)
    expect(types.slice(0, 2)).toEqual(['RequestSubmitted.v1', 'ApprovalDenied.v1'])
    const none = await run('events show entitlement-nothing.nobody')
    expect(none.code).toBe(1)
    expect(none.stderr).toContain('streams are named catalog-<id>')
  })

  it('events tail into a reader that has seen enough', async () => {
    const ran = await runPiped('events tail --last 1000', 'head -n 1')
    expect(ran.stderr).toBe('')
    expect(ran.stdout).toContain('CatalogCreated.v1')
  })

  it('projection status: every view, at the head of the log', async () => {
    const [answer] = linesOf((await run('projection status --json')).stdout)
    expect(answer).toMatchObject({
      projections: expect.arrayContaining([expect.objectContaining({ name: 'entitlements' })]),
      reactors: [
        { name: 'jobs', owner: expect.any(String), ownedSince: expect.any(String) },
        { name: 'mail' },
      ],
    })
    const text = await run('projection status')
    expect(text.code).toBe(0)
    expect(text.stdout).toMatch(/^projection +version +state +position +head/)
  })

  it('promises check, while the engine serves', async () => {
    expect((await run('promises check')).stdout).toMatch(/^1 holds {2}The log is the truth/)
  })

  it('projection rebuild and verify, while the engine serves', async () => {
    const rebuilt = await run('projection rebuild entitlements')
    expect(rebuilt.code).toBe(0)
    expect(rebuilt.stderr).toMatch(/entitlements: position \d+ of \d+/)
    expect(rebuilt.stdout).toBe('entitlements is rebuilt and live\n')
    const verified = await run('projection verify entitlements --json')
    expect(linesOf(verified.stdout)).toMatchObject([{ equal: true }])
    expect(linesOf((await run(`show ${REQUEST} --as alice --json`)).stdout)).toMatchObject([
      { request: { status: 'Denied' } },
    ])
  })
})

const runPiped = (line: string, reader: string) =>
  typed(`/bin/sh -c '"${process.execPath}" services/operator/src/main.ts ${line} | ${reader}'`, env)
    .ended
