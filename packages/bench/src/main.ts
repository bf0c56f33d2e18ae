/** Measures claimlog against the machine's lower bounds and a peer, and prints a report. See `--help`. */
import { mkdirSync, mkdtempSync } from 'node:fs'
import { constants } from 'node:os'
import { join, resolve } from 'node:path'
import { bigWorkspaces } from './workspaces/big-workspaces.ts'
import { endRefreshers } from './processes/end-refreshers.ts'
import type { Section } from './report/figure.ts'
import { describeMachine } from './measure/machine.ts'
import { installPeer } from './contenders/peer.ts'
import { endProcesses } from './processes/processes.ts'
import { type Arguments, helpText, readArguments } from './read-arguments.ts'
import { removeDir } from './workspaces/remove-dir.ts'
import { machineText, type Run, sectionText, summaryText, targetsText } from './report/report.ts'
import type { Scenario, Setting } from './scenarios/scenario.ts'
import { adding } from './scenarios/adding.ts'
import { commandLineClaims } from './scenarios/command-line.ts'
import { contention } from './scenarios/contention.ts'
import { cycles } from './scenarios/cycles.ts'
import { floors } from './scenarios/floors.ts'
import { inFlight } from './scenarios/in-flight.ts'
import { replay } from './scenarios/replay.ts'
import { sizes } from './scenarios/sizes.ts'
import { trace } from './scenarios/trace.ts'
import { waiting } from './scenarios/waiting.ts'
import { writeReport } from './report/write-report.ts'

/** Whole processes come first: a larger process takes longer to start others, and the other scenarios make it grow. */
const scenarios: ReadonlyArray<Scenario> = [
  floors,
  commandLineClaims,
  trace,
  cycles,
  contention,
  inFlight,
  adding,
  replay,
  waiting,
  sizes,
]
const names = scenarios.map(({ name }) => name)

const startedAt = Date.now()

const tell = (text: string): void => {
  const seconds = String(Math.round((Date.now() - startedAt) / 1000)).padStart(4)
  process.stderr.write(`${seconds} s  ${text}\n`)
}

/** `afterEach` gets all sections measured so far, so that a run that is interrupted is not lost. */
const measure = async (
  wanted: ReadonlyArray<Scenario>,
  setting: Setting,
  afterEach: (sections: ReadonlyArray<Section>) => void,
): Promise<ReadonlyArray<Section>> => {
  const sections: Array<Section> = []
  for (const { name, title, run } of wanted) {
    const dir = join(setting.dir, name)
    mkdirSync(dir)
    const section = { name, title, ...(await orFailure(() => run({ ...setting, dir }))) }
    removeDir(dir)
    process.stdout.write(`\n${sectionText(section)}`)
    sections.push(section)
    afterEach(sections)
  }
  return sections
}

/** If one scenario fails, the others of a long run still count; the process exits with 1. */
const orFailure = async (run: () => ReturnType<Scenario['run']>): ReturnType<Scenario['run']> => {
  try {
    return await run()
  } catch (thrown) {
    process.exitCode = 1
    const { stack = '', message } = thrown as Error
    tell(stack)
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

const measureAll = async ({ quick, only, write, dir: where }: Arguments): Promise<void> => {
  const dir = mkdtempSync(join(resolve(where), 'claimlog-bench-'))
  cleanUpOnSignals(dir)
  try {
    const peer = installPeer(tell)
    const command = ['npm run bench --', ...process.argv.slice(2).filter(word => word !== '--')].join(' ')
    const about: Omit<Run, 'sections'> = { machine: describeMachine(dir), command, quick, peer }
    process.stdout.write(machineText({ ...about, sections: [] }))
    const setting: Setting = {
      dir,
      quick,
      peer: peer.installed,
      big: bigWorkspaces(join(dir, 'originals'), tell),
      tell,
    }
    const wanted = scenarios.filter(({ name }) => only.length === 0 || only.includes(name))
    const sections = await measure(wanted, setting, sofar => {
      if (write !== undefined)
        for (const path of writeReport(write, { ...about, sections: sofar })) tell(`written: ${path}`)
    })
    process.stdout.write(`\n### Targets\n\n${targetsText(sections)}\n${summaryText(sections)}`)
    tell('done')
  } finally {
    endRefreshers(dir)
    removeDir(dir)
  }
}

const said = readArguments(process.argv.slice(2), names)
if (typeof said === 'string') {
  process.stderr.write(`bench: ${said}\n\n${helpText(names)}`)
  process.exitCode = 2
} else if (said.help) process.stdout.write(helpText(names))
else await measureAll(said)
