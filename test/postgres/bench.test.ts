import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { findServers } from '../../packages/event-log-postgres/testing/installed-servers.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'

const main = join(import.meta.dirname, '../../packages/bench/dist/main.js')

/** The part of the report that is checked. */
type BenchReport = {
  readonly sections: ReadonlyArray<{
    readonly name: string
    readonly figures: ReadonlyArray<{
      readonly what: string
      readonly amount: { readonly value: number }
      readonly baseline?: { readonly what: string; readonly amount: { readonly value: number } }
      readonly data?: { readonly tasksDoneOnce?: Readonly<Record<'ours' | 'theirs', ReadonlyArray<number>>> }
    }>
    readonly remarks: ReadonlyArray<string>
  }>
}

const runBench = (): BenchReport => {
  const dir = mkdtempSync(join(tmpdir(), 'claimlog-bench-test-'))
  try {
    const args = [main, '--only', 'postgres', '--quick', '--write', join(dir, 'report')]
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
    // The benchmark itself fails if a task was not done exactly once.
    expect(stderr).toContain('done')
    expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' })
    return JSON.parse(readFileSync(join(dir, 'report.json'), 'utf8')) as BenchReport
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
}

const serverMissing = findServers().some(server => 'found' in server) ? undefined : 'there is no PostgreSQL'

itIfPossible(serverMissing ?? programMissing('openssl', 'version'))(
  'the benchmark on PostgreSQL measures every contender, and each does every task once',
  async () => {
    const { sections } = runBench()
    expect(sections.map(({ name }) => name)).toEqual([
      'postgres-command-line',
      'postgres-cycles',
      'postgres-notifications',
      'postgres-waiting',
      'postgres-lanes',
    ])
    const figures = sections.flatMap(section => section.figures)
    const counts = figures.flatMap(({ data }) => data?.tasksDoneOnce ?? [])
    const contenders = ['graphile-worker, get and complete a job', 'graphile-worker, its worker', 'pg-boss']
    for (const contender of contenders)
      expect(figures.some(({ baseline }) => baseline?.what.startsWith(contender) === true)).toBe(true)
    expect(counts.length).toBeGreaterThan(0)
    for (const { ours, theirs } of counts) for (const count of [...ours, ...theirs]) expect(count).toBeGreaterThan(0)
  },
  600_000,
)
