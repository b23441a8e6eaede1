/** What a package of the workspace may import. The direction of `docs/explanation/architecture.md`, as a table. */
export interface PackageRule {
  /**
   * Packages of the workspace, by the name behind `@portcullis/`; `*` is all of `packages/`, `**` also the services.
   */
  readonly workspace: readonly string[]
  /** Packages of the workspace that its specs may import besides; they are devDependencies. */
  readonly specs?: readonly string[]
  /** Pure packages: nothing of Node, and from npm only these. Absent: whatever the package.json lists. */
  readonly only?: readonly {
    readonly specifier: string
    /** Path inside the package; absent: anywhere. */
    readonly file?: string
  }[]
}

const zod = { specifier: 'zod' }

export const packageRules: Readonly<Record<string, PackageRule>> = {
  core: { workspace: [], only: [zod, { specifier: 'uuid' }] },
  domain: {
    workspace: ['core'],
    only: [zod, { specifier: 'luxon', file: 'src/time.ts' }],
  },
  'api-contract': { workspace: [], only: [zod] },
  // Judges what the engine did: shares no code with it.
  promises: { workspace: ['core', 'domain'], only: [] },
  csv: { workspace: [] },
  // Runs in browsers as well as in Node.
  client: { workspace: ['api-contract'], only: [zod] },
  'embedded-postgres': { workspace: ['core'] },
  postgres: { workspace: ['core'], specs: ['embedded-postgres'] },
  subscriptions: { workspace: ['core', 'postgres'] },
  'event-store': { workspace: ['core', 'postgres'], specs: ['embedded-postgres'] },
  jobs: { workspace: ['core', 'postgres'] },
  views: {
    workspace: ['core', 'domain', 'postgres', 'promises', 'subscriptions'],
    specs: ['event-store'],
  },
  provisioning: { workspace: ['core', 'csv', 'domain', 'postgres'] },
  notifications: { workspace: ['core', 'domain', 'postgres'] },
  directory: { workspace: ['core', 'postgres'] },
  engine: {
    workspace: [
      'core',
      'directory',
      'domain',
      'event-store',
      'jobs',
      'notifications',
      'postgres',
      'promises',
      'provisioning',
      'subscriptions',
      'views',
    ],
  },
  // Puts together what the configuration names; for services and suites alone.
  runtime: { workspace: ['*'] },
  api: { workspace: ['**'] },
  worker: { workspace: ['**'] },
  operator: { workspace: ['**'] },
  suites: { workspace: ['**'] },
  bench: { workspace: ['**'] },
  // Its specs hold infra/ against the variables and commands that there are.
  tooling: { workspace: ['domain'], specs: ['operator', 'runtime'] },
}
