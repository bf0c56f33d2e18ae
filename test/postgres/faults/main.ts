import { parseArgs } from 'node:util'
import { startCluster } from '../../../packages/event-log-postgres/testing/cluster.ts'
import { findServers } from '../../../packages/event-log-postgres/testing/installed-servers.ts'
import { type FaultReport, runFaults } from './fault-run.ts'
import { bundleWorker, removeWorkerBundle } from './workers.ts'

/** Runs the fault test with the arguments `words` in the repository `root`, prints a table, returns the exit code. */
export const main = async (root: string, words: ReadonlyArray<string>): Promise<number> => {
  const { values } = parseArgs({
    args: [...words],
    options: {
      seconds: { type: 'string', default: '60' },
      seed: { type: 'string', default: '1' },
      seeds: { type: 'string', default: '1' },
      json: { type: 'boolean' },
    },
  })
  const servers = findServers().flatMap(server => ('found' in server ? [server.found] : []))
  if (servers.length === 0) throw new Error('there is no PostgreSQL server on this machine')
  const program = bundleWorker(root)
  const reports: Array<FaultReport> = []
  for (let seed = Number(values.seed); reports.length < Number(values.seeds); seed += 1) {
    const server = servers[seed % servers.length] as (typeof servers)[number]
    const cluster = await startCluster(server, { settings: { max_connections: 30 } })
    try {
      process.stderr.write(`seed ${seed} on ${server.name}\n`)
      const report = await runFaults({ cluster, program, seed, seconds: Number(values.seconds) })
      reports.push(report)
      process.stdout.write(values.json === true ? `${JSON.stringify(report)}\n` : renderReport(report))
    } finally {
      await cluster.dispose()
    }
  }
  removeWorkerBundle(root)
  return reports.every(({ problems }) => problems.length === 0) ? 0 : 1
}

const renderReport = ({
  seed,
  faults,
  calls,
  answers,
  failures,
  claims,
  lines,
  slowestMs,
  problems,
}: FaultReport): string => {
  const met = Object.entries(faults).map(([fault, count]) => `${fault} ${count}`)
  return [
    `seed ${seed}: ${calls} calls, ${answers} answers, ${failures} failures, ${claims} claims, ${lines} lines, slowest call ${Math.round(slowestMs)} ms`,
    `  ${met.join(', ')}`,
    `  ${problems.length} problems`,
    ...problems.map(problem => `    ${problem}`),
    '',
  ].join('\n')
}
