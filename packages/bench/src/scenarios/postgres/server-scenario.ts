import { createRequire } from 'node:module'
import { type BenchServer, findServer, withServer } from '../../processes/bench-server.ts'
import type { ReportSection } from '../../report/figure.ts'
import type { BenchScenario, ScenarioContext } from '../scenario.ts'

type ServerMeasurement = {
  readonly name: string
  readonly title: string
  readonly tls?: boolean
  readonly run: (context: ScenarioContext, server: BenchServer) => Promise<Pick<ReportSection, 'figures' | 'remarks'>>
}

const readVersion = (packageName: string): string => {
  const { version } = createRequire(import.meta.url)(`${packageName}/package.json`) as { readonly version: string }
  return `${packageName} ${version}`
}

/** A scenario with a PostgreSQL server of its own. On a machine without one, the report says that it was not measured. */
export const serverScenario = ({ name, title, tls = false, run }: ServerMeasurement): BenchScenario => ({
  name,
  title,
  onServer: true,
  run: async context => {
    const programs = findServer()
    if ('missing' in programs) {
      context.reportProgress(`NOT MEASURED: ${name}: ${programs.missing}`)
      return { figures: [], remarks: [`**Not measured**: ${programs.missing}.`] }
    }
    const { parent } = context
    const { figures, remarks } = await withServer(programs.found, { parent, tls }, server => run(context, server))
    const versions = [programs.found.name, ...['graphile-worker', 'pg-boss'].map(readVersion)]
    return { figures, remarks: [...remarks, `${versions.join(', ')}, on this machine, over loopback.`] }
  },
})
