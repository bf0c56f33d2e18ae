import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { runSql } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { claimlog, claimlogPath, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'

/** A directory of a user, with everything that commands can write in it. */
type Home = { readonly home: string; readonly project: string; readonly env: Readonly<Record<string, string>> }

const makeHome = (env: Readonly<Record<string, string>>): Home => {
  const root = temporaryDirectory()
  const [home, project, tmp] = ['home', 'home/project', 'tmp'].map(name => join(root, name)) as [string, string, string]
  for (const dir of [home, project, tmp]) mkdirSync(dir, { recursive: true })
  return { home: root, project, env: { HOME: home, TMPDIR: tmp, ...env } }
}

/** A role whose password occurs nowhere else. */
const createRole = async ({ host, port, user, password }: Cluster): Promise<{ name: string; canary: string }> => {
  const [name, canary] = [`role_${randomUUID().slice(0, 8)}`, `canary-${randomUUID()}`]
  const owner = { hosts: [{ host, port }], user, password, database: 'postgres' }
  await runSql(owner, `CREATE ROLE ${name} LOGIN SUPERUSER PASSWORD '${canary}'`)
  return { name, canary }
}

type Source = 'URL' | 'PGPASSWORD' | '~/.pgpass'

/** A home whose user has the password from a source, and the URL of a queue. */
const makeUser = async (cluster: Cluster, source: Source) => {
  const { name, canary } = await createRole(cluster)
  const login = source === 'URL' ? `${name}:${canary}` : name
  const url = `postgres://${login}@${cluster.host}:${cluster.port}/postgres?workspace=w-${randomUUID()}`
  const user = makeHome(source === 'PGPASSWORD' ? { PGPASSWORD: canary } : {})
  if (source === '~/.pgpass')
    writeFileSync(join(user.env['HOME'] as string, '.pgpass'), `*:*:*:${name}:${canary}\n`, { mode: 0o600 })
  return { ...user, url, canary }
}

const findInFiles = (root: string, text: string): ReadonlyArray<string> =>
  readdirSync(root, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile() && entry.name !== '.pgpass')
    .map(entry => join(entry.parentPath, entry.name))
    .filter(path => readFileSync(path).includes(text))

/** A command of a task: keeps its environment and the command lines of all processes. */
const spy = [
  process.execPath,
  '-e',
  `const fs = require('fs')
   const lines = fs.readdirSync('/proc').filter(name => /^\\d+$/.test(name)).map(pid => {
     try { return fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8') } catch { return '' }
   })
   fs.writeFileSync('spied.json', JSON.stringify({ lines, url: process.env.CLAIMLOG_LOG, env: process.env }))`,
]

/** A call of every command that does something with a log, in this order. */
const calls: ReadonlyArray<ReadonlyArray<string>> = [
  ['init'],
  ['add', 'docs', 'a'],
  ['add', 'docs', 'b'],
  ['claim', 'ann', 'docs'],
  ['renew', 'ann', 'a'],
  ['complete', 'ann', 'a'],
  ['work', 'ann', 'docs', '--once', '--', ...spy],
  ['list'],
  ['show', 'a'],
  ['status', '--json'],
  ['trace', 'a'],
  ['why', 'a'],
  ['verify'],
  ['doctor'],
  ['doctor', '--json'],
  ['tail'],
  ['export', 'json'],
  ['metrics'],
  ['replay'],
  ['replay', '--dir', 'derived'],
  ['repair'],
  ['reconcile', '.'],
  ['migrate', '--print'],
  ['prime', '--worker', 'ann'],
  ['prime', '--hook', 'claude-code'],
  ['setup', 'claude-code'],
  ['setup', 'codex'],
  ['setup', 'cursor'],
  ['setup'],
  ['mcp'],
  ['__complete', 'zsh', 'show', ''],
]

/** Ways in which the server turns a client away, or is not there. */
const breaks: ReadonlyArray<(url: string) => string> = [
  url => url.replace(/:\d+\//, ':1/'),
  url => url.replace('/postgres?', '/missing?'),
  url => url.replace('/postgres?', '/template1?'),
  url => url.replace('role_', 'stranger_'),
  url => url.replace('postgres:', 'nats:'),
  url => `${url}&wrkspace=x`,
  url => `${url}&sslmode=require`,
]

const describeResult = ({ status, stdout, stderr }: ProcessResult): string => `${status} ${stdout} ${stderr}`

describeEachServer('a password', getCluster => {
  it.each<Source>(['URL', 'PGPASSWORD', '~/.pgpass'])(
    'from %s is in no output, file, or command line of another process',
    async source => {
      const { home, project, env, url, canary } = await makeUser(getCluster(), source)
      const asUser = { ...env, CLAIMLOG_LOG: url }
      for (const args of calls) {
        const result = await claimlog(args, { cwd: project, env: asUser })
        expect(describeResult(result), args.join(' ')).not.toContain(canary)
        if (['init', 'add', 'work', 'verify', 'doctor', 'setup'].includes(args[0] ?? ''))
          expect(result.status, describeResult(result)).toBe(0)
      }
      const spied = readFileSync(join(project, 'spied.json'), 'utf8')
      const {
        lines,
        url: passedUrl,
        env: inherited,
      } = JSON.parse(spied) as {
        readonly lines: ReadonlyArray<string>
        readonly url: string
        readonly env: Readonly<Record<string, string>>
      }
      expect(lines.filter(line => line.includes(canary))).toEqual([])
      expect(passedUrl).toBe(url.replace(`:${canary}@`, '@'))
      // What claimlog inherits itself, its commands inherit, too.
      const holders = Object.entries(inherited).filter(([, value]) => value.includes(canary))
      expect(holders.map(([name]) => name)).toEqual(source === 'PGPASSWORD' ? ['PGPASSWORD'] : [])
      writeFileSync(join(project, 'spied.json'), '')
      expect(findInFiles(home, canary)).toEqual([])
    },
  )

  it.each<Source>(['URL', 'PGPASSWORD', '~/.pgpass'])('from %s is in no error of any command', async source => {
    const { home, project, env, url, canary } = await makeUser(getCluster(), source)
    const { stdout } = await claimlog(['help', '--json'], { cwd: project })
    const { commands } = JSON.parse(stdout) as { readonly commands: ReadonlyArray<{ readonly name: string }> }
    const names = commands.map(({ name }) => name)
    expect(names.length).toBeGreaterThan(30)
    const callArguments = (name: string): ReadonlyArray<string> =>
      calls.find(([command]) => command === name) ?? [name, 'docs', 'ann', 'a'].slice(0, 3)
    const expectSilence = async (args: ReadonlyArray<string>, log: string): Promise<void> => {
      const variables = { ...env, CLAIMLOG_LOG: log, CLAIMLOG_LOCK_TIMEOUT: '200ms' }
      const result = await claimlog(args, { cwd: project, env: variables })
      expect(describeResult(result), args.join(' ')).not.toContain(canary)
    }
    const breakUrl = (index: number): string => breaks[index % breaks.length]?.(url) ?? url
    for (let i = 0; i < names.length; i += 4)
      await Promise.all(names.slice(i, i + 4).map((name, j) => expectSilence(callArguments(name), breakUrl(i + j))))
    const named = [['list'], ['claim', 'ann', 'docs'], ['doctor'], ['init'], ['status', '--json'], ['mcp']]
    for (const [index] of breaks.entries())
      await Promise.all(named.map(args => expectSilence([...args, '--log', breakUrl(index)], '')))
    expect(findInFiles(home, canary)).toEqual([])
  })

  it('is not passed on by a config.json, whose server the commands of claimlog work reach by SCRAM only', async () => {
    const { project, env, url, canary } = await makeUser(getCluster(), 'URL')
    expect((await claimlog(['init', '--log', url], { cwd: project, env })).status).toBe(0)
    const asUser = { ...env, PGPASSWORD: canary }
    expect((await claimlog(['add', 'docs', 'a'], { cwd: project, env: asUser })).status).toBe(0)
    const script = 'claimlog="$1"; shift; "$@" "$claimlog" note "inside" > noted.json; echo "$CLAIMLOG_LOG" > url'
    const work = ['work', 'ann', 'docs', '--once', '--', 'sh', '-c', script, 'sh', claimlogPath, process.execPath]
    const worked = await claimlog(work, { cwd: project, env: asUser })
    expect(worked.status, worked.stderr).toBe(0)
    expect(readFileSync(join(project, 'url'), 'utf8').trim()).toBe(
      `${url.replace(`:${canary}@`, '@')}&require_auth=scram-sha-256,none`,
    )
    expect(JSON.parse(readFileSync(join(project, 'noted.json'), 'utf8'))).toMatchObject({ ok: true })
  })
})
