import { join } from 'node:path'
import { openDeployment, ROOT, Running } from '@portcullis/operator/testing'
import { testDatabase } from '@portcullis/postgres/testing'
import { expect, it, onTestFinished } from 'vitest'

type Service = 'api' | 'worker'

const startService = (service: Service, env: NodeJS.ProcessEnv): Running => {
  const running = new Running(
    process.execPath,
    [join(ROOT, 'services', service, 'src', 'main.ts')],
    env,
  )
  onTestFinished(async () => {
    await running.stop()
  })
  return running
}

it('the API and the worker, each by its own program, deliver a request and end with 0', async () => {
  const database = await testDatabase()
  onTestFinished(() => database.close())
  const deployment = await openDeployment({ DATABASE_URL: database.url })
  onTestFinished(() => deployment.close())
  const services = [startService('api', deployment.env), startService('worker', deployment.env)]
  await Promise.all(services.map((service) => service.says('"msg":"started"')))
  await deployment.loadSample()
  await deployment.liveThrough()
  for (const service of services)
    expect(await service.stop()).toMatchObject({ code: 0, stderr: '' })
})

it.each([
  ['a wrong setting', { PORTCULLIS_PORT: 'eighty' }, 2, 'PORTCULLIS_PORT'],
  ['a database out of reach', { DATABASE_URL: 'postgres://u@127.0.0.1:1/d' }, 3, '127.0.0.1:1'],
])('%s ends each with its exit code and a sentence', async (_what, variables, code, word) => {
  const deployment = await openDeployment(variables)
  onTestFinished(() => deployment.close())
  for (const service of ['api', 'worker'] as const) {
    const ended = await startService(service, deployment.env).ended
    expect(ended).toMatchObject({ code, stderr: expect.stringContaining(word) })
  }
})
