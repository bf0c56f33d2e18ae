import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { Cluster } from '../../packages/event-log-postgres/testing/cluster.ts'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { maskOutput } from '../../scripts/docs/mask-output.mjs'
import { claimlog, temporaryDirectory } from '../support/claimlog-process.ts'

const page = readFileSync(new URL('../../docs/reference/commands-on-a-server.md', import.meta.url), 'utf8')

/** The rows of the table: each command, and how it treats a log on a server. */
const rows = [...page.matchAll(/^\| `(\S+)` \| (same|differs|refused) \| (.*)\|$/gm)].map(
  ([, command = '', treatment = '', difference = '']) => ({ command, treatment, difference: difference.trim() }),
)

it('the table of commands on a server has every command once, and says what differs', async () => {
  const { stdout } = await claimlog(['help', '--json'], { cwd: temporaryDirectory() })
  const { commands } = JSON.parse(stdout) as { readonly commands: ReadonlyArray<{ readonly name: string }> }
  expect(rows.map(({ command }) => command)).toEqual(commands.map(({ name }) => name))
  expect(rows.filter(({ treatment, difference }) => treatment !== 'same' && difference === '')).toEqual([])
})

type Call = readonly [command: string, ...args: ReadonlyArray<string>]

/** A call of each command that a new queue allows, in this order. */
const calls: ReadonlyArray<Call> = [
  ['init'],
  ...['a', 'b', 'c', 'd', 'e'].map((id): Call => ['add', 'docs', id]),
  ['import', '-'],
  ['claim', 'ann', 'docs', '--count', '3'],
  ['renew', 'ann', 'a'],
  ['complete', 'ann', 'a'],
  ['fail', 'ann', 'b', '--no-retry', '--error', 'broken'],
  ['release', 'ann', 'c'],
  ['hold', 'd'],
  ['unhold', 'd'],
  ['cancel', 'e'],
  ['retry', 'b'],
  ['amend', 'c', '--priority', '1'],
  ['note', 'c', 'a note'],
  ['pause', 'docs'],
  ['resume', 'docs'],
  ['limit', 'docs', '2'],
  ['wait', 'a'],
  ['work', 'ann', 'docs', '--once', '--', 'true'],
  ['mcp'],
  ['prime', '--worker', 'ann'],
  ['setup', 'agents-md', '--print'],
  ['list'],
  ['show', 'a'],
  ['status'],
  ['why', 'c'],
  ['trace', 'a'],
  ['diff', '1', '3'],
  ['replay'],
  ['verify'],
  ['doctor'],
  ['repair'],
  ['reconcile', '.'],
  ['tail'],
  ['export', 'csv'],
  ['metrics'],
  ['migrate', '--print'],
  ['move', '.claimlog'],
  ['completion', 'bash'],
  ['help'],
]

/** Hides what differs between two runs: times, durations, ids. */
const mask = (output: string, cwd: string): string =>
  maskOutput({ command: '' }, output)
    .replaceAll(cwd, 'CWD')
    .replace(/("(?:ms|took_ms|value)": ?)[^,\s}]+/g, '$1N')

type Treatment = 'same' | 'differs' | 'refused'

/** Runs a call for a log in a file and for one on a server, and compares the results. */
const compareCall = async (dirs: ReadonlyArray<string>, url: string, [command, ...args]: Call): Promise<Treatment> => {
  const input = command === 'import' ? '{"id": "f", "kind": "docs"}\n' : ''
  const [file, server] = await Promise.all(
    dirs.map(async (cwd, i) => {
      const dashes = args.indexOf('--')
      const flags = ['mcp', 'export', 'setup'].includes(command) ? [] : ['--json']
      const at = dashes === -1 ? args.length : dashes
      const words = [command, ...args.slice(0, at), ...flags, ...args.slice(at)]
      const { status, stdout } = await claimlog(words, { cwd, input, env: i === 0 ? {} : { CLAIMLOG_LOG: url } })
      return { status, output: mask(stdout, cwd) }
    }),
  )
  // The numbers of a metric depend on durations: the same metrics are enough.
  const [left, right] = [file, server].map(result =>
    command === 'metrics' ? JSON.stringify([...new Set(result?.output.match(/"name": "[^"]*"/g))]) : result?.output,
  )
  if (file?.status === server?.status && left === right) return 'same'
  const isRefused = /"error": "(bad_input|usage)"/.test(server?.output ?? '')
  return isRefused ? 'refused' : 'differs'
}

const createUrl = ({ user, password, host, port }: Cluster, workspace: string): string =>
  `postgres://${user}:${password}@${host}:${port}/postgres?workspace=${workspace}`

describeEachServer(
  'the table of commands on a server',
  getCluster => {
    it('says what each command does', async () => {
      const dirs = [temporaryDirectory(), temporaryDirectory()]
      const url = createUrl(getCluster(), 'commands')
      const found = new Map<string, Treatment>()
      for (const call of calls) found.set(call[0], await compareCall(dirs, url, call))
      expect(Object.fromEntries(found)).toEqual(
        Object.fromEntries(rows.map(({ command, treatment }) => [command, treatment])),
      )
    })
  },
  { isLong: true },
)
