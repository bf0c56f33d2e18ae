import { meanLine, sampleLines } from '../workspaces/event-lines.ts'
import type { Figure, Unit } from '../report/figure.ts'
import { hashLines, lockAndWrite, parseAndHashLines, parseLines, writeAndSync } from '../measure/floors.ts'
import { inTurn, median } from '../measure/measuring.ts'
import type { Scenario } from './scenario.ts'
import { bareNode, wholeProcess } from '../processes/whole-process.ts'

/** The lower bounds of the machine, without our code. */
export const floors: Scenario = {
  name: 'floors',
  title: 'Lower bounds of this machine',
  run: async ({ dir, quick, tell }) => {
    tell('floors')
    const lines = sampleLines(`${dir}/sample`)
    const line = meanLine(lines)
    const forMs = quick ? 100 : 500
    const measured = await inTurn(quick ? 1 : 5, {
      sync: () => writeAndSync(dir, line, forMs),
      lock: () => lockAndWrite(dir, line, forMs),
      parse: () => parseLines(lines, forMs),
      hash: () => hashLines(lines, forMs),
      both: () => parseAndHashLines(lines, forMs),
      node: () => median(Array.from({ length: quick ? 2 : 5 }, () => wholeProcess(bareNode))),
    })
    const figure = (what: string, unit: Unit, values: ReadonlyArray<number>): Figure => ({
      what,
      amount: { value: median(values), unit },
      data: { values },
    })
    return {
      figures: [
        figure('write + fdatasync of one line', '/s', measured.sync),
        figure('flock + fstat + write + unlock', '/s', measured.lock),
        figure('JSON.parse of one line', '/s', measured.parse),
        figure('SHA-256 of one line', '/s', measured.hash),
        figure('JSON.parse + SHA-256 of one line', '/s', measured.both),
        figure('node -e 0, whole process', 'ms', measured.node),
      ],
      remarks: [`A line has ${line.length} bytes: the mean of claims and completions.`],
    }
  },
}
