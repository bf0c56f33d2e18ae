import { expect, test } from 'vitest'
import type { ReportSection } from './figure.ts'
import { renderMachine, renderReport, type BenchRun, renderSection } from './report.ts'
import { replaceReport } from './write-report.ts'

const section: ReportSection = {
  name: 'command-line',
  title: 'A claim by the command line',
  figures: [
    {
      what: '1,000 ready',
      amount: { value: 30, unit: 'ms' },
      baseline: { what: 'node -e 0', amount: { value: 20, unit: 'ms' } },
      ratio: 1.5,
      targets: ['cli-1k'],
    },
    {
      what: 'no peer',
      amount: { value: 12_345.6, unit: '/s' },
      baseline: { what: 'SQLite FULL', amount: { value: NaN, unit: '/s' } },
      ratio: NaN,
    },
  ],
  remarks: ['In alternation.'],
}

const run: BenchRun = {
  machine: {
    cpu: 'A processor',
    cores: 2,
    memoryGiB: 24,
    node: 'v20.20.2',
    kernel: 'Linux 6',
    fileSystem: 'ext4 (/dev/vda)',
    date: '2026-01-01T00:00:00.000Z',
    extraCaCertsUnset: false,
  },
  command: 'npm run bench --',
  quick: false,
  partial: false,
  peer: { installed: false, why: 'there is no network' },
  sections: [section],
}

test('a section is a table whose columns line up', () => {
  expect(renderSection(section)).toBe(`### A claim by the command line

| what        |   result | baseline           |  ratio |
| ----------- | -------: | ------------------ | -----: |
| 1,000 ready |  30.0 ms | node -e 0: 20.0 ms | 1.50 × |
| no peer     | 12,346/s |                    |        |

In alternation.
`)
})

test('a peer that could not be installed is reported as missing', () => {
  expect(renderMachine(run)).toContain(
    '- peer: not measured, because better-sqlite3 could not be installed: there is no network\n',
  )
})

test('the report has a row for every target, also for those that were not measured', () => {
  const rows = renderReport(run)
    .split('\n')
    .filter(line => line.startsWith('|'))
    .map(line => line.split('|').map(cell => cell.trim()))
  expect(rows.find(([, title]) => title?.startsWith('CLI claim at 1 thousand'))?.slice(2, -1)).toEqual([
    '1.50 ×',
    '30.0 ms',
    'node -e 0: 20.0 ms',
    'at most',
    '1.55 ×',
    '1.40 ×',
    'threshold met; goal missed by 7.1 %',
  ])
  expect(rows.find(([, title]) => title?.startsWith('trace of one task'))?.at(-2)).toBe('not measured')
  expect(renderReport(run)).toContain('1 of 1 thresholds met, 0 of 1 goals.\n')
})

test('a new report replaces the old one, and the text around it stays', () => {
  const page = replaceReport('# Performance\n\nHow to read it.\n', 'first\n')
  expect(page).toBe('# Performance\n\nHow to read it.\n\n<!-- bench: begin -->\n\nfirst\n\n<!-- bench: end -->\n')
  const profiled = `${page}\n## Where the time goes\n`
  expect(replaceReport(profiled, 'second')).toBe(profiled.replace('first', 'second'))
  expect(replaceReport('', 'first')).toBe('<!-- bench: begin -->\n\nfirst\n\n<!-- bench: end -->\n')
})
