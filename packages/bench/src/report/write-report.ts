import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { renderPlot } from './plot.ts'
import { renderReport, type BenchRun } from './report.ts'
import { judgeSections } from './verdict.ts'

const beginMarker = '<!-- bench: begin -->'
const endMarker = '<!-- bench: end -->'

/** Replaces the text between the two markers of a page with `report`; appends it if the page has no markers. */
export const replaceReport = (page: string, report: string): string => {
  const block = `${beginMarker}\n\n${report.trimEnd()}\n\n${endMarker}`
  const from = page.indexOf(beginMarker)
  const to = page.indexOf(endMarker, from)
  if (from < 0 || to < 0) return `${page.trimEnd()}\n\n${block}\n`.trimStart()
  return page.slice(0, from) + block + page.slice(to + endMarker.length)
}

/**
 * Writes `BASE.md`, `BASE.json` and, if the run has the figures for it, the plot next to them. The text around the
 * report in `BASE.md` stays. Returns the paths.
 */
export const writeReport = (base: string, run: BenchRun): ReadonlyArray<string> => {
  const [page, data] = [`${resolve(base)}.md`, `${resolve(base)}.json`]
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, replaceReport(existsSync(page) ? readFileSync(page, 'utf8') : '', renderReport(run)))
  const verdicts = judgeSections(run.sections).map(({ figure, ...verdict }) => ({ ...verdict, figure: figure?.what }))
  writeFileSync(data, `${JSON.stringify({ ...run, targets: verdicts }, null, 2)}\n`)
  const svg = renderPlot(run.sections.flatMap(({ figures }) => figures))
  if (svg === undefined) return [page, data]
  const plot = join(dirname(page), 'cost-against-size.svg')
  writeFileSync(plot, svg)
  return [page, data, plot]
}
