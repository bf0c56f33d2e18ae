import { join } from 'node:path'
import type { BenchServer } from '../../processes/bench-server.ts'
import { endRefreshers } from '../../processes/end-refreshers.ts'
import { bareNode, claimlogProgram, type Program, timeProcess } from '../../processes/timed-process.ts'
import type { Figure } from '../../report/figure.ts'
import { alternate, median, medianRatio } from '../../measure/measurement.ts'
import { makeQueue } from '../../workspaces/queue-maker.ts'
import type { ScenarioContext } from '../scenario.ts'
import { serverScenario } from './server-scenario.ts'

const tasks = 1000

/** A claim at the queue of a server, with a password and a verified certificate, as on another machine. */
const serverClaim = async (server: BenchServer): Promise<Program> => {
  const { cluster, newPlace } = server
  const place = newPlace('fast', 'claimlog')
  await makeQueue('claimlog', place, tasks)
  const url = new URL(place)
  url.password = ''
  url.hostname = 'localhost'
  const tls = `&sslmode=verify-full&sslrootcert=${cluster.authorityFile ?? ''}`
  return {
    args: claimlogProgram('', 'claim', 'bench-worker').args,
    environment: {
      CLAIMLOG_LOG: `${url.href}${tls}`,
      PGPASSWORD: cluster.password,
    },
  }
}

const fileClaim = async ({ dir }: ScenarioContext): Promise<Program> => {
  const workspaceDir = join(dir, 'file')
  await makeQueue('claimlog', workspaceDir, tasks)
  return claimlogProgram(workspaceDir, 'claim', 'bench-worker')
}

/** A command opens a connection, with TLS and a password, for one claim. */
export const serverCommandLine = serverScenario({
  name: 'postgres-command-line',
  title: 'PostgreSQL: a claim on the command line, from process start to exit',
  tls: true,
  run: async (context, server) => {
    context.reportProgress('PostgreSQL: claims on the command line')
    const [onServer, inFile] = [await serverClaim(server), await fileClaim(context)]
    // The first claims write derived files that the next ones use.
    for (const program of [onServer, inFile, onServer, inFile]) timeProcess(program)
    const {
      server: serverMs,
      file: fileMs,
      bare: bareMs,
    } = await alternate(context.quick ? 2 : 20, {
      bare: () => timeProcess(bareNode),
      file: () => timeProcess(inFile),
      server: () => timeProcess(onServer),
    })
    endRefreshers(context.dir)
    const compare = (what: string, theirs: ReadonlyArray<number>): Figure => ({
      what: '1,000 ready, password and TLS: whole process',
      amount: { value: median(serverMs), unit: 'ms' },
      baseline: { what, amount: { value: median(theirs), unit: 'ms' } },
      ratio: medianRatio(serverMs, theirs),
      targets: theirs === fileMs ? ['pg-command-line'] : [],
      data: { serverMs, theirs },
    })
    return {
      figures: [compare('claim from a file', fileMs), compare('node -e 0', bareMs)],
      remarks: ['SCRAM-SHA-256 and a verified certificate, over loopback. In alternation; the ratio is the median.'],
    }
  },
})
