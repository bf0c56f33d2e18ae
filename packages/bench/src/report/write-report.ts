import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { plotSvg } from './plot.ts'
import { reportText, type Run } from './report.ts'
import { verdictsOn } from './verdict.ts'

const begin = '<!-- bench: begin -->'
const end = '<!-- bench: end -->'

/** Replaces the text between the two markers of a page with `report`; appends it if the page has no markers. */
export const withReport = (page: string, report: string): string => {
  const block = `${begin}\n\n${report.trimEnd()}\n\n${end}`
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from < 0 || to < 0) return `${page.trimEnd()}\n\n${block}\n`.trimStart()
  return page.slice(0, from) + block + page.slice(to + end.length)
}

/**
 * Writes `BASE.md`, `BASE.json` and, if the run has the figures for it, the plot next to them. The text around the
 * report in `BASE.md` stays. Returns the paths.
 */
export const writeReport = (base: string, run: Run): ReadonlyArray<string> => {
  const [page, data] = [`${resolve(base)}.md`, `${resolve(base)}.json`]
  mkdirSync(dirname(page), { recursive: true })
  writeFileSync(page, withReport(existsSync(page) ? readFileSync(page, 'utf8') : '', reportText(run)))
  const verdicts = verdictsOn(run.sections).map(({ figure, ...verdict }) => ({ ...verdict, figure: figure?.what }))
  writeFileSync(data, `${JSON.stringify({ ...run, targets: verdicts }, null, 2)}\n`)
  const svg = plotSvg(run.sections.flatMap(({ figures }) => figures))
  if (svg === undefined) return [page, data]
  const plot = join(dirname(page), 'cost-against-size.svg')
  writeFileSync(plot, svg)
  return [page, data, plot]
}
