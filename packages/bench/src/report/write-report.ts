import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { plotSvg } from './plot.ts'
import { reportText, type Run } from './report.ts'
import { verdictsOn } from './verdict.ts'

const begin = '<!-- bench: begin -->'
const end = '<!-- bench: end -->'

/** A page with `report` between its two marks, in place of what was there; at its end where it has none. */
export const withReport = (page: string, report: string): string => {
  const block = `${begin}\n\n${report.trimEnd()}\n\n${end}`
  const from = page.indexOf(begin)
  const to = page.indexOf(end, from)
  if (from < 0 || to < 0) return `${page.trimEnd()}\n\n${block}\n`.trimStart()
  return page.slice(0, from) + block + page.slice(to + end.length)
}

/**
 * Writes `BASE.md` and `BASE.json`, and beside them the plot where the run has the figures for it. What people wrote in
 * `BASE.md` around the report stays. Answers with the paths.
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
