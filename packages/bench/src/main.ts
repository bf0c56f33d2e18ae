/** Measures claimlog beside what the machine can do, and prints a report. `--help` says how. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import type { Scenario, Section } from './figure.ts'
import { describeMachine } from './machine.ts'
import { machineText, sectionText, verdictText } from './report.ts'
import { claims } from './scenarios/claims.ts'
import { floors } from './scenarios/floors.ts'
import { replay } from './scenarios/replay.ts'
import { start } from './scenarios/start.ts'

const scenarios: ReadonlyArray<Scenario> = [floors, claims, start, replay]
const names = scenarios.map(({ name }) => name).join(', ')

const help = `pnpm bench --quick --only claims

  --quick      a short run, for trying out
  --only NAME  this scenario; may be given more than once: ${names}
  --json FILE  write the same to FILE as data
  --dir DIR    measure on the file system of DIR (default: the directory for temporary files)
`

const readArguments = () => {
  try {
    return parseArgs({
      // What stands after `--` reaches a script with it.
      args: process.argv.slice(2).filter(word => word !== '--'),
      options: {
        quick: { type: 'boolean', default: false },
        only: { type: 'string', multiple: true },
        json: { type: 'string' },
        dir: { type: 'string', default: tmpdir() },
        help: { type: 'boolean', default: false },
      },
    }).values
  } catch (thrown) {
    return (thrown as Error).message
  }
}

const tell = (text: string): void => {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

const measure = async (wanted: ReadonlyArray<Scenario>, dir: string, quick: boolean): Promise<Array<Section>> => {
  const sections: Array<Section> = []
  for (const { name, title, run } of wanted) {
    tell(title)
    const ownDir = join(dir, name)
    mkdirSync(ownDir)
    const section = { name, title, ...(await run({ dir: ownDir, quick, tell })) }
    rmSync(ownDir, { recursive: true })
    tell('')
    process.stdout.write(`\n${sectionText(section)}`)
    sections.push(section)
  }
  return sections
}

const main = async (): Promise<number> => {
  const said = readArguments()
  if (typeof said === 'string') {
    process.stderr.write(`bench: ${said}\n\n${help}`)
    return 2
  }
  if (said.help) {
    process.stdout.write(help)
    return 0
  }
  const { quick, only, json, dir: where } = said
  const unknown = only?.find(name => !scenarios.some(scenario => scenario.name === name))
  if (unknown !== undefined) {
    process.stderr.write(`bench: there is no scenario ${JSON.stringify(unknown)}, but ${names}\n`)
    return 2
  }
  const dir = mkdtempSync(join(resolve(where), 'claimlog-bench-'))
  try {
    const machine = describeMachine(dir)
    process.stdout.write(machineText(machine, quick))
    const wanted = scenarios.filter(({ name }) => only === undefined || only.includes(name))
    const sections = await measure(wanted, dir, quick)
    process.stdout.write(`\n${verdictText(sections)}`)
    if (json !== undefined) writeFileSync(json, `${JSON.stringify({ machine, quick, sections }, null, 2)}\n`)
    return 0
  } finally {
    rmSync(dir, { recursive: true })
  }
}

process.exitCode = await main()
