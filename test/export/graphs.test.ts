import { instance } from '@viz-js/viz'
import { JSDOM } from 'jsdom'
import type Mermaid from 'mermaid'
import { beforeAll, expect, test } from 'vitest'
import { parseOutput } from '../support/claimlog-process.ts'
import { type CliWorkspace, newWorkspace } from '../support/cli-workspace.ts'
import { addHostileTasks } from './hostile-tasks.ts'

type GraphTask = {
  readonly id: string
  readonly status: string
  readonly title?: string
  readonly needs?: ReadonlyArray<string>
  readonly not_before?: string
  readonly claim?: { readonly lease_until: string | null }
}

/** A graph as a renderer reads it: each task by its label, with its class. */
type RenderedGraph = {
  readonly nodes: ReadonlyArray<readonly [label: string, className: string]>
  readonly arrows: ReadonlyArray<string>
}

const listTasks = async (workspace: CliWorkspace): Promise<ReadonlyArray<GraphTask>> =>
  (parseOutput(await workspace.run(['list', '--json'])) as { readonly tasks: ReadonlyArray<GraphTask> }).tasks

/** Escapes a text as all output for people does. */
const escapeControls = (text: string): string =>
  text.replace(
    /[\u0000-\u001f\u007f\u200f\u202e\u2066]/g,
    unit =>
      ({ '\n': '\\n', '\r': '\\r', '\t': '\\t' })[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const formatLabel = ({ id, title = '' }: GraphTask): string => `${id}\n${escapeControls(title.trim())}`.trimEnd()

const displayStatus = ({ status, claim, not_before: notBefore }: GraphTask): string => {
  if (claim !== undefined) return 'claimed'
  return notBefore === undefined ? status : 'waiting'
}

const expectedGraph = (tasks: ReadonlyArray<GraphTask>): RenderedGraph => {
  const byId = new Map(tasks.map(task => [task.id, task]))
  return {
    nodes: tasks.map(task => [formatLabel(task), displayStatus(task)]),
    arrows: tasks.flatMap(task =>
      (task.needs ?? []).flatMap(id => {
        const need = byId.get(id)
        return need === undefined ? [] : [`${formatLabel(need)} --> ${formatLabel(task)}`]
      }),
    ),
  }
}

const runExport = async (workspace: CliWorkspace, ...words: ReadonlyArray<string>): Promise<string> => {
  const { status, stdout, stderr } = await workspace.run(['export', ...words])
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
  expect(stdout).toMatch(/^[^\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f]*$/)
  return stdout
}

const emptyWindow = new JSDOM('').window
let mermaid: typeof Mermaid

beforeAll(async () => {
  // Mermaid cleans labels with the sanitizer of a browser, and detects it when it is loaded.
  Object.assign(globalThis, { window: emptyWindow, document: emptyWindow.document })
  mermaid = (await import('mermaid')).default
})

/** Mermaid keeps entities in its own encoding until it draws. */
const decodeEntities = (text: string): string =>
  text
    .split(/<br\/?>/)
    .map(part => part.replace(/ﬂ°°(\d+)¶ß/g, (_, code: string) => String.fromCharCode(Number(code))))
    .join('\n')

type FlowDb = {
  readonly getVertices: () => ReadonlyMap<
    string,
    { readonly id: string; readonly text: string; readonly classes: ReadonlyArray<string> }
  >
  readonly getEdges: () => ReadonlyArray<{ readonly start: string; readonly end: string }>
}

const renderWithMermaid = async (text: string): Promise<RenderedGraph> => {
  await mermaid.parse(text)
  const { db } = await mermaid.mermaidAPI.getDiagramFromText(text)
  const flow = db as unknown as FlowDb
  const vertices = flow.getVertices()
  const label = (id: string): string => decodeEntities(vertices.get(id)?.text ?? '')
  return {
    nodes: [...vertices.values()].map(({ id, classes }) => [label(id), classes.join(' ')]),
    arrows: flow.getEdges().map(({ start, end }) => `${label(start)} --> ${label(end)}`),
  }
}

const renderWithGraphviz = async (text: string): Promise<RenderedGraph> => {
  const viz = await instance()
  const { status, errors, output = '' } = viz.render(text, { format: 'svg' })
  // Without fonts Graphviz has to guess the width of some letters, and warns about it.
  expect({ status, errors: errors.filter(({ level }) => level !== 'warning') }).toEqual({
    status: 'success',
    errors: [],
  })
  const { document } = new JSDOM(output, { contentType: 'image/svg+xml' }).window
  const groups = (kind: string) => [...document.querySelectorAll(`g.${kind}`)]
  const readTitle = (group: Element): string => group.querySelector('title')?.textContent ?? ''
  const labels = new Map(
    groups('node').map(group => [
      readTitle(group),
      [...group.querySelectorAll('text')].map(({ textContent }) => textContent).join('\n'),
    ]),
  )
  return {
    nodes: groups('node').map(group => [labels.get(readTitle(group)) ?? '', group.classList.item(1) ?? '']),
    arrows: groups('edge').map(edge => {
      const [from = '', to = ''] = readTitle(edge).split('->')
      return `${labels.get(from)} --> ${labels.get(to)}`
    }),
  }
}

test('Mermaid reads the dependency graph, and no text breaks it', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const text = await runExport(workspace, 'mermaid')
  expect(await renderWithMermaid(text)).toEqual(expectedGraph(await listTasks(workspace)))
  expect(await runExport(workspace, 'mermaid')).toBe(text)
})

test('Graphviz draws the dependency graph, and no text breaks it', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const text = await runExport(workspace, 'dot')
  const { nodes, arrows } = await renderWithGraphviz(text)
  const { nodes: tasks, arrows: needs } = expectedGraph(await listTasks(workspace))
  expect([...nodes].sort()).toEqual([...tasks].sort())
  expect([...arrows].sort()).toEqual([...needs].sort())
  expect(await runExport(workspace, 'dot')).toBe(text)
})

test('a graph of some tasks has the arrows between them, and a graph of no tasks is empty', async () => {
  const workspace = await newWorkspace()
  await addHostileTasks(workspace)
  const all = await listTasks(workspace)
  for (const status of ['blocked', 'done']) {
    const graph = await renderWithMermaid(await runExport(workspace, 'mermaid', '--status', status))
    expect(graph).toEqual(expectedGraph(all.filter(task => task.status === status)))
  }
  // An existing kind without any tasks.
  expect((await workspace.run(['limit', 'none', '1'])).status).toBe(0)
  const emptyGraph = { nodes: [], arrows: [] }
  expect(await renderWithMermaid(await runExport(workspace, 'mermaid', '--kind', 'none'))).toEqual(emptyGraph)
  expect(await renderWithGraphviz(await runExport(workspace, 'dot', '--kind', 'none'))).toEqual(emptyGraph)
})
