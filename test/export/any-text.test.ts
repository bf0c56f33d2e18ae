import { read, utils, type WorkSheet } from '@e965/xlsx'
import { instance } from '@viz-js/viz'
import fc from 'fast-check'
import { JSDOM } from 'jsdom'
import { expect, test } from 'vitest'
import { emptyState, type Event, fold, type State } from '@claimlog/domain'
import { taskFormats } from '@claimlog/exporters'

const seed = 20_250_101
const time = '2026-01-01T00:00:00.000Z'
const opened: Event = {
  seq: 1,
  event: 'opened',
  format: 1,
  workspace: 'w',
  leaseMs: 1000,
  maxAttempts: 3,
  backoff: { firstMs: 1, maxMs: 2 },
  time,
}

/** A state with one task per title, each of which depends on the one before. */
const buildState = (titles: ReadonlyArray<string>): State =>
  fold(emptyState(), [
    opened,
    ...titles.map((title, i): Event => ({
      seq: i + 2,
      event: 'added',
      taskId: `t${i}`,
      kind: 'docs',
      title,
      payload: title,
      needs: i === 0 ? [] : [`t${i - 1}`],
      time,
    })),
  ])

const render = (format: keyof typeof taskFormats, titles: ReadonlyArray<string>): string =>
  [
    ...taskFormats[format](buildState(titles), {
      query: {},
      now: time,
      escapeText: text => text.replace(/\p{Cc}/gu, '?'),
    }),
  ].join('')

/** Characters that one of the formats could interpret, among letters of all scripts. */
const text = fc
  .array(
    fc.oneof(
      {
        weight: 2,
        arbitrary: fc.constantFrom(...'=+-@\'",;#%&<>[](){}|\\/`~^*_$!?:. \t\r\n', '-->', '<br/>', '%%{', 'end'),
      },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', maxLength: 4 }) },
    ),
    { maxLength: 12 },
  )
  .map(parts => parts.join(''))
const titles = fc.array(text, { minLength: 1, maxLength: 8 })

test('CSV keeps any text, and no cell is a formula', () => {
  fc.assert(
    fc.property(titles, sample => {
      const csv = render('csv', sample)
      const readSheet = (raw: boolean): WorkSheet => {
        const { SheetNames, Sheets } = read(csv, { type: 'string', raw, cellFormula: true })
        return Sheets[SheetNames[0] ?? ''] as WorkSheet
      }
      const formulas = Object.values(readSheet(false)).filter(cell => (cell as { readonly f?: string } | undefined)?.f)
      expect(formulas).toEqual([])
      const rows = utils.sheet_to_json<Record<string, string>>(readSheet(true), { raw: true, defval: '' })
      expect(rows.map(row => String(row['title']).replace(/^'/, ''))).toEqual(sample)
      expect(rows.map(row => JSON.parse(String(row['payload'])) as unknown)).toEqual(sample)
    }),
    { seed, numRuns: 300 },
  )
})

test('Graphviz draws one task for any text, and nothing else', async () => {
  const viz = await instance()
  fc.assert(
    fc.property(titles, sample => {
      const { status, output = '' } = viz.render(render('dot', sample), { format: 'json0' })
      expect(status).toBe('success')
      const { objects = [], edges = [] } = JSON.parse(output) as { objects?: Array<object>; edges?: Array<object> }
      expect([objects.length, edges.length]).toEqual([sample.length, sample.length - 1])
    }),
    { seed, numRuns: 100 },
  )
})

test('Mermaid reads one task for any text, and nothing else', async () => {
  // Mermaid cleans labels with the sanitizer of a browser, and detects it when it is loaded.
  const { window } = new JSDOM('')
  Object.assign(globalThis, { window, document: window.document })
  const mermaid = (await import('mermaid')).default
  type Flowchart = {
    readonly getVertices: () => ReadonlyMap<string, object>
    readonly getEdges: () => ReadonlyArray<object>
  }
  await fc.assert(
    fc.asyncProperty(titles, async sample => {
      const diagram = render('mermaid', sample)
      await mermaid.parse(diagram)
      const { db } = await mermaid.mermaidAPI.getDiagramFromText(diagram)
      const flow = db as unknown as Flowchart
      expect([flow.getVertices().size, flow.getEdges().length]).toEqual([sample.length, sample.length - 1])
    }),
    { seed, numRuns: 100 },
  )
})
