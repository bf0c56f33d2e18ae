/** @typedef {import('./record-terminal.mjs').Run} Run */

const fontSize = 14
/** The characters of the usual monospaced fonts are 0.602 of their size wide; `textLength` evens out the others. */
const cell = { width: 8.43, height: 20 }
/** The space above a command that follows output. */
const gap = 12
const padding = { x: 24, y: 20 }

/** ANSI colours by number, light and dark, each with a contrast of at least 4.5 to its background. */
const colors = [
  { name: 'red', light: '#cf222e', dark: '#ff7b72' },
  { name: 'green', light: '#116329', dark: '#56d364' },
  { name: 'yellow', light: '#7d4e00', dark: '#e3b341' },
  { name: 'blue', light: '#0550ae', dark: '#79c0ff' },
  { name: 'magenta', light: '#6639ba', dark: '#d2a8ff' },
  { name: 'cyan', light: '#1b7c83', dark: '#56d4dd' },
]

/** @param {'light' | 'dark'} scheme */
const colorRules = scheme => colors.map(({ name, ...color }) => `.${name}{fill:${color[scheme]}}`).join('')

const style = `
  text { font: ${fontSize}px ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace; fill: #1f2328; white-space: pre }
  rect { fill: #f6f8fa; stroke: #d1d9e0 } .bold { font-weight: 600 } .dim { fill: #59636e } .prompt { fill: #0550ae }
  ${colorRules('light')}
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } rect { fill: #0d1117; stroke: #3d444d } .dim { fill: #9198a1 } .prompt { fill: #79c0ff }
    ${colorRules('dark')}
  }`

/** @param {string} text */
const escape = text => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')

/** @param {Run} run */
const listClasses = ({ bold, dim, color = 0 }) =>
  [colors[color - 1]?.name, bold && 'bold', dim && 'dim'].filter(Boolean).join(' ')

/**
 * True if a row shows a typed line.
 * @param {Run[]} runs
 */
const isTyped = ([first]) => first !== undefined && /^[$>] /.test(first.text)

/**
 * Splits what a shell shows when a line is typed: the prompt, and the command in bold.
 * @param {Run[]} runs
 * @returns {(Run & { isPrompt?: boolean })[]}
 */
const markPrompt = runs => {
  const [first, ...rest] = runs
  if (first === undefined || !isTyped(runs)) return runs
  const typed = { ...first, text: first.text.slice(2), column: 2, bold: true }
  return [{ ...first, text: first.text.slice(0, 2), isPrompt: true }, typed, ...rest]
}

/**
 * Renders a run. Each word group has its own place, so that columns stay aligned in any font.
 * @param {Run & { isPrompt?: boolean }} run
 */
const renderRun = run => {
  const classes = run.isPrompt === true ? (run.text === '$ ' ? 'prompt' : 'dim') : listClasses(run)
  return [...run.text.matchAll(/\S+(?: \S+)* */g)].map(({ 0: text, index }) => {
    const [x, length] = [padding.x + (run.column + index) * cell.width, text.length * cell.width]
    const attributes = [
      `x="${x.toFixed(1)}"`,
      ...(text.length > 1 ? [`textLength="${length.toFixed(1)}"`] : []),
      ...(/[^ -~]/.test(text) ? ['lengthAdjust="spacingAndGlyphs"'] : []),
      ...(classes === '' ? [] : [`class="${classes}"`]),
    ]
    return `<tspan ${attributes.join(' ')}>${escape(text)}</tspan>`
  })
}

/**
 * Returns the top of each row.
 * @param {Run[][]} rows
 */
const placeRows = rows => {
  let top = -cell.height
  return rows.map((runs, i) => {
    const isSeparate = isTyped(runs) && i > 0 && !isTyped(rows[i - 1] ?? [])
    top += cell.height + (isSeparate ? gap : 0)
    return top
  })
}

/**
 * Renders the rows of a terminal as an SVG that follows the reader's colour scheme.
 * @param {Run[][]} rows
 * @param {{ columns: number, title: string, description: string }} options
 */
export const renderTerminal = (rows, { columns, title, description }) => {
  const width = Math.ceil(columns * cell.width + 2 * padding.x)
  const tops = placeRows(rows)
  const height = (tops.at(-1) ?? 0) + cell.height + 2 * padding.y
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title description">`,
    `<title id="title">${escape(title)}</title>`,
    `<desc id="description">${escape(description)}</desc>`,
    `<style>${style}\n</style>`,
    `<rect x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="8"/>`,
    ...rows.flatMap((runs, i) => {
      const spans = markPrompt(runs).flatMap(renderRun)
      const y = padding.y + (tops[i] ?? 0) + fontSize
      return spans.length === 0 ? [] : [`<text y="${y}" xml:space="preserve">${spans.join('')}</text>`]
    }),
    '</svg>\n',
  ].join('\n')
}
