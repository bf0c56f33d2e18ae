import { cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** The package that users install, as it is built. */
const published = join(root, 'packages/claimlog')
const commandPath = join(published, 'bin/claimlog.cjs')

/** Variables that change the output of claimlog, Node or git. */
const inheritedSettings =
  /^(CLAIMLOG_|NO_COLOR|FORCE_COLOR|NODE_|npm_|VITEST|XDG_|GIT_|CLAUDECODE|CURSOR_AGENT|GEMINI_CLI|CODEX_)/

/** Packages that a page's programs can import, by their name in a project. */
const packages = {
  claimlog: published,
  'fp-ts': join(root, 'packages/client/node_modules/fp-ts'),
  '@types/node': join(root, 'node_modules/@types/node'),
}

/**
 * The home of a reader, `ann`, with a project in it. `claimlog` is on the PATH, and programs find its library.
 * @typedef {{ root: string, home: string, project: string, env: NodeJS.ProcessEnv }} PageDirectory
 */

/**
 * Runs `work` in a new directory with only the files of the lab, or of `template`; deletes the directory afterwards.
 * @template A
 * @param {(dir: PageDirectory) => Promise<A>} work
 * @param {string} [template]
 * @returns {Promise<A>}
 */
export const withPageDirectory = async (work, template) => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'claimlog-page-')))
  const home = join(dir, 'home/ann')
  const project = join(home, 'project')
  const bin = join(dir, 'usr/local/bin')
  try {
    for (const folder of [project, bin, join(dir, 'tmp')]) mkdirSync(folder, { recursive: true })
    symlinkSync(commandPath, join(bin, 'claimlog'))
    for (const [name, path] of Object.entries(packages)) {
      const link = join(home, 'node_modules', name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(path, link)
    }
    writeFileSync(join(home, 'package.json'), '{ "private": true, "type": "module" }\n')
    const files = template === undefined ? ['fixtures/lab', 'fixtures/walk'] : [template]
    for (const folder of files) cpSync(join(root, folder), project, { recursive: true })
    return await work({ root: dir, home, project, env: createEnvironment(dir, home, bin) })
  } finally {
    // A process that was just killed may still write its last file.
    rmSync(dir, { recursive: true, force: true, maxRetries: 10 })
  }
}

/**
 * @param {string} dir
 * @param {string} home
 * @param {string} bin
 * @returns {NodeJS.ProcessEnv}
 */
const createEnvironment = (dir, home, bin) => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !inheritedSettings.test(name))),
  PATH: [bin, dirname(process.execPath), process.env.PATH].join(delimiter),
  HOME: home,
  TMPDIR: join(dir, 'tmp'),
  NO_COLOR: '1',
  LC_ALL: 'C.UTF-8',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ann',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_COMMITTER_NAME: 'Ann',
  GIT_COMMITTER_EMAIL: 'ann@example.com',
})
