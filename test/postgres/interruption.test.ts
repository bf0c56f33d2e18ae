import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest'
import { describeEachServer } from '../../packages/event-log-postgres/testing/describe-each-server.ts'
import { type FaultProxy, startFaultProxy } from '../../packages/event-log-postgres/testing/fault-proxy/fault-proxy.ts'
import {
  createSampleWorkspace,
  openSampleLog,
  runSql,
} from '../../packages/event-log-postgres/testing/sample-postgres-log.ts'
import type { PostgresLocation } from '../../packages/event-log-postgres/src/index.ts'
import { claimlogPath, cleanEnvironment, temporaryDirectory } from '../support/claimlog-process.ts'

const isAppend = ({ text }: { readonly text: string }): boolean => text.includes('.append(')

/** Faults that meet an append, after which the proxy lets no connection through: the server never answers again. */
const appendFaults = [
  'cut-request',
  'lose-answer',
  'cut-answer',
  'half-close',
  'swallow-request',
  'swallow-answer',
] as const

const outcomeMayBeUnknown =
  /^claimlog: .* so this may have been done or not: interrupted[^]*claimlog show[^]*--request-id/

describeEachServer('a program that ends while its server does not answer', getCluster => {
  let location: PostgresLocation
  let proxy: FaultProxy

  beforeEach(async () => {
    location = await createSampleWorkspace(getCluster())
    proxy = await startFaultProxy(getCluster())
  })
  afterEach(() => proxy.dispose())

  const startCommand = (...args: ReadonlyArray<string>) => {
    const { user, password, workspace } = location
    const url = `postgres://${user}@127.0.0.1:${proxy.port}/postgres?workspace=${workspace}`
    const cwd = temporaryDirectory()
    const env = cleanEnvironment({ PGPASSWORD: password ?? '', CLAIMLOG_LOG: url, HOME: cwd })
    const child = spawn(process.execPath, [claimlogPath, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] })
    onTestFinished(() => void child.kill('SIGKILL'))
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const ended = once(child, 'close').then(([code, signal]: ReadonlyArray<unknown>) => ({
      code,
      signal,
      stdout,
      stderr,
    }))
    return { interrupt: (signal: NodeJS.Signals) => void child.kill(signal), ended }
  }

  const openQueue = async (): Promise<void> => {
    expect(await startCommand('init').ended).toMatchObject({ code: 0 })
  }

  it.each(appendFaults)('reports that its append was perhaps done, if it is interrupted after: %s', async fault => {
    await openQueue()
    const met = proxy.failNext(fault, { matching: isAppend })
    const command = startCommand('add', 'docs', 'a', '--lock-timeout', '60s')
    await met
    proxy.partition()
    command.interrupt('SIGINT')
    const ended = await command.ended
    expect(ended).toMatchObject({ code: 130, signal: null, stdout: '' })
    expect(ended.stderr).toMatch(outcomeMayBeUnknown)
  })

  it.each(['SIGTERM', 'SIGHUP'] as const)('reports it and ends by the signal: %s', async signal => {
    await openQueue()
    const met = proxy.failNext('swallow-answer', { matching: isAppend })
    const command = startCommand('add', 'docs', 'a', '--lock-timeout', '60s')
    await met
    command.interrupt(signal)
    const ended = await command.ended
    expect(ended).toMatchObject({ code: null, signal, stdout: '' })
    expect(ended.stderr).toMatch(outcomeMayBeUnknown)
  })

  it('reports nothing if it had sent no append', async () => {
    await openQueue()
    const met = proxy.failNext('swallow-answer')
    const command = startCommand('add', 'docs', 'a', '--lock-timeout', '60s')
    await met
    command.interrupt('SIGINT')
    expect(await command.ended).toEqual({ code: 130, signal: null, stdout: '', stderr: '' })
  })

  const waiting: ReadonlyArray<readonly [NodeJS.Signals, number | null, ReadonlyArray<string>]> = [
    ['SIGINT', 130, ['claim', 'ann', '--wait']],
    ['SIGTERM', 130, ['claim', 'ann', '--wait']],
    ['SIGINT', 130, ['tail', '-f']],
    ['SIGTERM', 0, ['tail', '-f']],
    ['SIGINT', 130, ['work', 'ann', '--', 'true']],
    ['SIGTERM', 0, ['work', 'ann', '--', 'true']],
  ]

  it.each(waiting)(
    'ends after %s with exit code %s while nothing gets through: claimlog %j',
    async (signal, code, args) => {
      await openQueue()
      const command = startCommand('--lock-timeout', '2s', ...args)
      await proxy.failNext('delay', { matching: ({ text }) => text.includes('LISTEN'), ms: 0 })
      proxy.partition()
      command.interrupt(signal)
      expect(await command.ended).toMatchObject({ code, signal: null })
    },
  )

  it.each(appendFaults)(
    'closes the log, and its last call learns the outcome or that it is unknown, after: %s',
    async fault => {
      const log = await openSampleLog(
        { ...location, hosts: [{ host: '127.0.0.1', port: proxy.port }] },
        { lockTimeoutMs: 1000 },
      )
      const met = proxy.failNext(fault, { matching: isAppend })
      const added = log.append(0, [{ seq: 1, word: 'last' }])()
      await met
      proxy.partition()
      await log.close()
      expect(await added).toMatchObject({ _tag: 'Left', left: { failure: 'OutcomeUnknown', isUsable: true } })
      expect(await log.append(1, [{ seq: 2, word: 'late' }])()).toMatchObject({ left: { failure: 'Closed' } })
      const [row] = await runSql(
        location,
        `SELECT count(*)::int AS count FROM claimlog.events JOIN claimlog.workspaces ON id = workspace WHERE name = $1`,
        [location.workspace],
      )
      const isDone = !['cut-request', 'swallow-request'].includes(fault)
      expect(row).toEqual({ count: isDone ? 1 : 0 })
    },
  )
})
