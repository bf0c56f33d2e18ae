/** Measures claimlog against the machine's lower bounds and a peer, and prints a report. See `--help`. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { createLargeWorkspaces } from './workspaces/large-workspaces.ts'
import { endRefreshers } from './processes/end-refreshers.ts'
import type { ReportSection } from './report/figure.ts'
import { describeMachine, measureBusy } from './measure/machine.ts'
import { installPeer } from './contenders/peer.ts'
import { endProcesses } from './processes/measured-process.ts'
import { type BenchArguments, helpText, readArguments } from './read-arguments.ts'
import { removeDir } from './workspaces/remove-dir.ts'
import { renderMachine, type BenchRun, renderSection, renderSummary, renderTargets } from './report/report.ts'
import type { BenchScenario, ScenarioContext } from './scenarios/scenario.ts'
import { addTasks } from './scenarios/add-tasks.ts'
import { commandLineClaims } from './scenarios/command-line.ts'
import { contention } from './scenarios/contention.ts'
import { cycles } from './scenarios/cycles.ts'
import { serverCommandLine } from './scenarios/postgres/command-line.ts'
import { serverCycles } from './scenarios/postgres/cycles.ts'
import { serverLanes } from './scenarios/postgres/lanes.ts'
import { serverNotifications } from './scenarios/postgres/notifications.ts'
import { serverWaiting } from './scenarios/postgres/waiting-cost.ts'
import { floors } from './scenarios/floors.ts'
import { inFlight } from './scenarios/in-flight.ts'
import { replay } from './scenarios/replay.ts'
import { sizes } from './scenarios/sizes.ts'
import { trace } from './scenarios/trace.ts'
import { wakeUp } from './scenarios/wake-up.ts'
import { writeReport } from './report/write-report.ts'

/** Whole processes come first: a larger process takes longer to start others, and the other scenarios make it grow. */
const scenarios: ReadonlyArray<BenchScenario> = [
  floors,
  commandLineClaims,
  trace,
  cycles,
  contention,
  inFlight,
  addTasks,
  replay,
  wakeUp,
  serverCommandLine,
  serverCycles,
  serverNotifications,
  serverWaiting,
  serverLanes,
  sizes,
]
const names = scenarios.map(({ name }) => name)

const startedAt = Date.now()

const reportProgress = (text: string): void => {
  const seconds = String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)
  process.stderr.write(`${seconds} s  ${text}\n`)
}

/** `afterEach` gets all sections measured so far, so that a run that is interrupted is not lost. */
const measure = async (
  selected: ReadonlyArray<BenchScenario>,
  context: ScenarioContext,
  afterEach: (sections: ReadonlyArray<ReportSection>) => void,
): Promise<ReadonlyArray<ReportSection>> => {
  const sections: Array<ReportSection> = []
  for (const { name, title, run } of selected) {
    const dir = join(context.dir, name)
    mkdirSync(dir)
    const section = { name, title, ...(await orFailure(() => runAndReportLoad(() => run({ ...context, dir })))) }
    removeDir(dir)
    process.stdout.write(`\n${renderSection(section)}`)
    sections.push(section)
    afterEach(sections)
  }
  return sections
}

/** If one scenario fails, the others of a long run still count; the process exits with 1. */
const orFailure = async (run: () => ReturnType<BenchScenario['run']>): ReturnType<BenchScenario['run']> => {
  try {
    return await run()
  } catch (thrown) {
    process.exitCode = 1
    const { stack = '', message } = thrown as Error
    reportProgress(stack)
    return { figures: [], remarks: [`**Could not be measured**: ${message}`] }
  }
}

/** A signal ends all started processes and deletes their files. */
const cleanUpOnSignals = (dir: string): void => {
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      endProcesses()
      endRefreshers(dir)
      removeDir(dir)
      process.exit(128 + constants.signals[signal])
    })
}

/** Runs a scenario when the processor has had a second to become idle; the report says how busy it was. */
const runAndReportLoad = async (run: () => ReturnType<BenchScenario['run']>): ReturnType<BenchScenario['run']> => {
  const busy = await measureBusy(1000)
  const { figures, remarks } = await run()
  return { figures, remarks: [...remarks, `The machine was ${Math.round(busy * 100)} % busy before.`] }
}

const measureAll = async ({ quick, only, write, dir: parentDir }: BenchArguments): Promise<void> => {
  const dir = mkdtempSync(join(resolve(parentDir), 'claimlog-bench-'))
  cleanUpOnSignals(dir)
  // For what the command line and the library derive from a log on a server.
  process.env['XDG_CACHE_HOME'] = join(dir, 'cache')
  try {
    const selected = scenarios.filter(({ name, onServer }) =>
      only.length === 0 ? onServer !== true : only.includes(name),
    )
    const peer = selected.some(({ onServer }) => onServer !== true) ? installPeer(reportProgress) : undefined
    const command = ['npm run bench --', ...process.argv.slice(2).filter(word => word !== '--')].join(' ')
    const runInfo: Omit<BenchRun, 'sections'> = {
      machine: describeMachine(dir),
      command,
      quick,
      partial: only.length > 0,
      peer,
    }
    process.stdout.write(renderMachine({ ...runInfo, sections: [] }))
    const context: ScenarioContext = {
      dir,
      parent: resolve(parentDir),
      quick,
      peer: peer?.installed === true,
      largeWorkspaces: createLargeWorkspaces(join(dir, 'originals'), reportProgress),
      reportProgress,
    }
    const sections = await measure(selected, context, measuredSections => {
      if (write !== undefined)
        for (const path of writeReport(write, { ...runInfo, sections: measuredSections }))
          reportProgress(`written: ${path}`)
    })
    process.stdout.write(`\n### Targets\n\n${renderTargets(sections, only.length > 0)}\n${renderSummary(sections)}`)
    reportProgress('done')
  } finally {
    endRefreshers(dir)
    removeDir(dir)
  }
}

const parsedArguments = readArguments(process.argv.slice(2), names)
if (typeof parsedArguments === 'string') {
  process.stderr.write(`bench: ${parsedArguments}\n\n${helpText(names)}`)
  process.exitCode = 2
} else if (parsedArguments.help) process.stdout.write(helpText(names))
else await measureAll(parsedArguments)
