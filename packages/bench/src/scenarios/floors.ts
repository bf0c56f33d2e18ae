import { createMeanLine, createSampleLines } from '../workspaces/event-lines.ts'
import type { Figure, FigureUnit } from '../report/figure.ts'
import {
  measureHash,
  measureLockAndWrite,
  measureParseAndHash,
  measureParse,
  measureWriteAndSync,
} from '../measure/floors.ts'
import { alternate, median } from '../measure/measurement.ts'
import type { BenchScenario } from './scenario.ts'
import { bareNode, timeProcess } from '../processes/timed-process.ts'

/** The lower bounds of the machine, without our code. */
export const floors: BenchScenario = {
  name: 'floors',
  title: 'Lower bounds of this machine',
  run: async ({ dir, quick, reportProgress }) => {
    reportProgress('floors')
    const lines = createSampleLines(`${dir}/sample`)
    const line = createMeanLine(lines)
    const durationMs = quick ? 100 : 500
    const measured = await alternate(quick ? 1 : 5, {
      sync: () => measureWriteAndSync(dir, line, durationMs),
      lock: () => measureLockAndWrite(dir, line, durationMs),
      parse: () => measureParse(lines, durationMs),
      hash: () => measureHash(lines, durationMs),
      both: () => measureParseAndHash(lines, durationMs),
      node: () => median(Array.from({ length: quick ? 2 : 5 }, () => timeProcess(bareNode))),
    })
    const createFigure = (what: string, unit: FigureUnit, values: ReadonlyArray<number>): Figure => ({
      what,
      amount: { value: median(values), unit },
      data: { values },
    })
    return {
      figures: [
        createFigure('write + fdatasync of one line', '/s', measured.sync),
        createFigure('flock + fstat + write + unlock', '/s', measured.lock),
        createFigure('JSON.parse of one line', '/s', measured.parse),
        createFigure('SHA-256 of one line', '/s', measured.hash),
        createFigure('JSON.parse + SHA-256 of one line', '/s', measured.both),
        createFigure('node -e 0, whole process', 'ms', measured.node),
      ],
      remarks: [`A line has ${line.length} bytes: the mean of claims and completions.`],
    }
  },
}
