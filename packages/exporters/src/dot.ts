import type { DisplayStatus } from '@claimlog/domain'
import type { Graph } from './graph.ts'

/** The style of a node by status. The shape differs too, for readers who cannot see the colours. */
const nodeStyles: Readonly<Record<DisplayStatus, string>> = {
  ready: 'shape=box, fillcolor="#ffffff"',
  claimed: 'shape=box, style="rounded,filled", fillcolor="#ddf4ff"',
  waiting: 'shape=parallelogram, fillcolor="#fff8c5"',
  blocked: 'shape=box, style="dashed,filled", fillcolor="#eaeef2"',
  done: 'shape=ellipse, fillcolor="#dafbe1"',
  failed: 'shape=octagon, fillcolor="#ffebe9"',
  cancelled: 'shape=box, style="dotted,filled", fillcolor="#f6f8fa", fontcolor="#57606a"',
}

/** Renders a graph in the DOT language of Graphviz. `escapeText` escapes a text so that it is visible on one line. */
export const renderDot = function* ({ nodes, arrows }: Graph, escapeText: (text: string) => string): Iterable<string> {
  yield 'digraph claimlog {\n  rankdir=LR;\n  node [style=filled, fontname="Helvetica"];\n'
  for (const { name, lines, status } of nodes) {
    const label = lines.map(text => escapeLabel(escapeText(text))).join('\\n')
    yield `  ${name} [label="${label}", class="${status}", ${nodeStyles[status]}];\n`
  }
  for (const [from, to] of arrows) yield `  ${from} -> ${to};\n`
  yield '}\n'
}

/** Escapes a label: Graphviz interprets escape sequences, such as `\N` for the node's name, and HTML entities. */
const escapeLabel = (text: string): string =>
  text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
