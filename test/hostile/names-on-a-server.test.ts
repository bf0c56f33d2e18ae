import fc from 'fast-check'
import { beforeAll, expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { runSql } from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import { claimlog, parseOutput, type ProcessResult, temporaryDirectory } from '../support/claimlog-process.ts'

const seed = 20_261_201

type Sql = (text: string, values?: ReadonlyArray<unknown>) => ReturnType<typeof runSql>

/** Runs SQL as the superuser of a cluster, in a database. */
const connectAs =
  ({ host, port, user, password }: Cluster, database = 'postgres'): Sql =>
  (text, values) =>
    runSql({ hosts: [{ host, port }], user, password, database }, text, values)

const quote = (name: string): string => `"${name.replaceAll('"', '""')}"`

const parts = [
  ...['"', "'", '`', ';', '\\', '\\\\', '%', '%s', '$$', '$1', '$migrate$', '--', '/*', '*/', ' ', '{', '*', '~', '!'],
  ...[
    '@',
    ':',
    '/',
    '?',
    '#',
    '&',
    '=',
    '.',
    '..',
    ',',
    '+',
    '|',
    '<',
    'A',
    'é',
    '名',
    '😀',
    'user',
    'select',
    'public',
  ],
  ...[`'; DROP TABLE victim; --`, `$migrate$; DROP TABLE victim; DO $migrate$ `, `"; DROP TABLE victim; --`, '$(id)'],
]

/** A name of up to 63 bytes; roles and databases belong to the whole server, so each gets a number of its own. */
const hostileName = fc
  .array(fc.constantFrom(...parts), { minLength: 1, maxLength: 5 })
  .map(texts => texts.join(''))
  .filter(text => Buffer.byteLength(text) <= 55)

/** Everything that a statement with a name in the wrong place could make, drop or change. */
const describeServer = async (sql: Sql): Promise<Readonly<Record<string, unknown>>> => {
  const [row = {}] = await sql(`SELECT
    (SELECT array_agg(rolname || ' ' || rolsuper || rolcreaterole ORDER BY rolname) FROM pg_roles) AS roles,
    (SELECT array_agg(format('%s %s', member::regrole, roleid::regrole) ORDER BY 1) FROM pg_auth_members) AS members,
    (SELECT array_agg(datname::text ORDER BY datname) FROM pg_database) AS databases,
    (SELECT array_agg(nspname::text ORDER BY nspname) FROM pg_namespace WHERE nspname !~ '^pg_(toast|temp)')
      AS schemas,
    (SELECT array_agg(format('%s.%s %s', schemaname, tablename, tableowner) ORDER BY schemaname, tablename)
      FROM pg_tables WHERE schemaname <> 'pg_catalog' AND schemaname <> 'information_schema') AS tables,
    (SELECT array_agg(format('%s %s', oid::regclass, relacl) ORDER BY 1) FROM pg_class WHERE relname = 'victim') AS victim`)
  return row
}

const url = ({ host, port }: Cluster, user: string, database: string, parameters: Record<string, string>): string => {
  const query = Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
  return `postgres://${encodeURIComponent(user)}@${host}:${port}/${encodeURIComponent(database)}?${query.join('&')}`
}

const show = ({ status, stdout, stderr }: ProcessResult): string => `${status} ${stdout} ${stderr}`

describeEachServer(
  'a name on a server',
  getCluster => {
    let sql: Sql
    const run = (cwd: string, args: ReadonlyArray<string>, password = 'secret') =>
      claimlog(args, { cwd, env: { PGPASSWORD: password, HOME: cwd, XDG_CACHE_HOME: `${cwd}/cache` } })

    beforeAll(async () => {
      sql = connectAs(getCluster())
      await sql('CREATE ROLE claimlog_worker NOLOGIN')
    })

    it('of a user, a database or a workspace is used as it is, and does nothing but name them', async () => {
      let count = 0
      const property = async (userText: string, databaseText: string, workspace: string): Promise<void> => {
        count += 1
        const [user, database] = [`${userText}${count}`, `${databaseText}${count}`]
        await sql(`CREATE ROLE ${quote(user)} LOGIN PASSWORD 'secret'`)
        await sql(`CREATE DATABASE ${quote(database)} OWNER ${quote(user)}`)
        const inside = connectAs(getCluster(), database)
        await inside(`CREATE TABLE victim (id int); ALTER TABLE victim OWNER TO ${quote(user)}`)
        const before = await describeServer(inside)
        const cwd = temporaryDirectory()

        const log = url(getCluster(), user, database, { workspace })
        const created = await run(cwd, ['init', '--log', log, '--json'])
        expect(created.status, `${log} ${show(created)}`).toBe(0)
        // config.json leads to the same place.
        for (const args of [['add', 'docs', 'one'], ['claim', 'ann', 'docs'], ['complete', 'ann', 'one'], ['doctor']]) {
          const result = await run(cwd, args)
          expect(result.status, `${log} ${show(result)}`).toBe(0)
        }
        expect(await inside('SELECT name FROM claimlog.workspaces')).toEqual([{ name: workspace }])
        const after = await describeServer(inside)
        const tables = ['events', 'schema_version', 'workspaces'].map(name => `claimlog.${name} ${user}`)
        const all = (name: string): ReadonlyArray<unknown> => before[name] as ReadonlyArray<unknown>
        expect(after).toEqual({
          ...before,
          schemas: [...all('schemas'), 'claimlog'].sort(),
          tables: [...tables, ...all('tables')],
        })
      }
      await fc.assert(fc.asyncProperty(hostileName, hostileName, hostileName, property), {
        seed,
        numRuns: 8,
        endOnFailure: true,
        examples: [
          ['select', 'User', 'public'],
          [`"a'`, '%', `$migrate$; DROP TABLE victim; DO $migrate$ BEGIN END`],
        ],
      })
    })

    it('that is too long for the server, which would cut it, is refused', async () => {
      const name = 'é'.repeat(32)
      await sql(`CREATE ROLE ${quote('é'.repeat(31))} LOGIN SUPERUSER PASSWORD 'secret'`)
      const cwd = temporaryDirectory()
      for (const [place, detail] of [
        [url(getCluster(), name, 'postgres', {}), /name of the user has more than 63 bytes/],
        [url(getCluster(), 'postgres', name, {}), /name of the database has more than 63 bytes/],
        [url(getCluster(), 'postgres', 'postgres', { workspace: 'x'.repeat(64) }), /workspace is not a name of up to/],
        [url(getCluster(), 'postgres', 'postgres', { workspace: 'a\nb' }), /control character/],
        [url(getCluster(), 'postgres', 'a\0b', {}), /control character/],
      ] as const) {
        const result = await run(cwd, ['init', '--log', place])
        expect(result.status, show(result)).toBe(2)
        expect(result.stdout + result.stderr).toMatch(detail)
      }
    })

    it('of a schema or role is refused if PostgreSQL quotes it, or if it belongs to all', async () => {
      const rows = await sql('SELECT word FROM pg_get_keywords() WHERE quote_ident(word) <> word ORDER BY word')
      const words = rows.map(({ word }) => String(word))
      expect(words.length).toBeGreaterThan(140)
      const { explainIdentifier } = await import('../../packages/event-log-postgres/src/schema/identifier.ts')
      const accepts = (name: string): boolean => explainIdentifier(name) === undefined
      expect(words.filter(accepts)).toEqual([])
      const check = async (name: string): Promise<void> => {
        const [row] = await sql('SELECT quote_ident($1) AS quoted', [name])
        if (accepts(name)) expect(row?.['quoted']).toBe(name)
      }
      const word = fc.stringMatching(/^[a-z_]{1,8}$/)
      await fc.assert(fc.asyncProperty(fc.oneof(hostileName, word), check), { seed, numRuns: 100 })
      const refused = ['public', 'none', 'pg_x', 'information_schema', 'Queue', '1a', 'a-b', 'a$b', 'é', 'a'.repeat(64)]
      for (const name of [...refused, 'user', 'select', '', 'a\n', `x; DROP TABLE victim`]) {
        expect(accepts(name), name).toBe(false)
        const cwd = temporaryDirectory()
        for (const option of ['--schema', '--role']) {
          if (name.length > 12 || name === '') continue
          const result = await run(cwd, ['migrate', '--print', option, name])
          expect([result.status, result.stdout], show(result)).toEqual([2, ''])
          expect(result.stderr).toContain(`${option} is `)
        }
      }
    })

    it('of a schema that others use, too, leaves their tables and functions as they are', async () => {
      await sql(`CREATE SCHEMA shared; CREATE TABLE shared.victim (id int); GRANT SELECT ON shared.victim TO PUBLIC;
        CREATE FUNCTION shared.theirs() RETURNS int LANGUAGE sql AS 'SELECT 1'`)
      const cwd = temporaryDirectory()
      const printed = await run(cwd, ['migrate', '--print', '--schema', 'shared', '--role', 'readers', '--json'])
      await sql(String(parseOutput(printed)['sql']))
      const [row] = await sql(`SELECT has_function_privilege('claimlog_worker', 'shared.theirs()', 'EXECUTE') AS "call",
        has_table_privilege('claimlog_worker', 'shared.victim', 'SELECT') AS "read",
        has_table_privilege('readers', 'shared.events', 'SELECT') AS "log",
        (SELECT relacl::text LIKE '%readers%' FROM pg_class WHERE oid = 'shared.victim'::regclass) AS more`)
      expect(row).toEqual({ call: true, read: true, log: true, more: false })
    })

    it('of a user without rights is quoted in the advice of doctor, which can be run as it is', async () => {
      const { user, password } = getCluster()
      const guest = `Guest "o'Hara"; DROP TABLE victim`
      await sql(`CREATE ROLE ${quote(guest)} LOGIN PASSWORD 'secret'`)
      const owner = temporaryDirectory()
      expect((await run(owner, ['init', '--log', url(getCluster(), user, 'postgres', {})], password)).status).toBe(0)
      const rights = ['USAGE ON SCHEMA claimlog', 'SELECT ON ALL TABLES IN SCHEMA claimlog']
      for (const right of [...rights, 'EXECUTE ON FUNCTION claimlog.clock_ms()'])
        await sql(`GRANT ${right} TO ${quote(guest)}`)
      const cwd = temporaryDirectory()
      const place = url(getCluster(), guest, 'postgres', {})
      const before = await run(cwd, ['--log', place, 'doctor'])
      const [, advice = ''] = /runs: (GRANT .*)$/m.exec(before.stdout + before.stderr) ?? []
      expect(advice, show(before)).toBe(`GRANT claimlog_worker TO ${quote(guest)}`)
      await sql(advice)
      const added = await run(cwd, ['--log', place, 'add', 'docs', 'one'])
      expect(added.status, show(added)).toBe(0)
    })
  },
  { isLong: true },
)
