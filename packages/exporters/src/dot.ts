import type { DisplayStatus } from '@claimlog/domain'
import type { Graph } from './graph.ts'

/** The style of a node by status. The shape differs too, for readers who cannot see the colours. */
const looks: Readonly<Record<DisplayStatus, string>> = {
  ready: 'shape=box, fillcolor="#ffffff"',
  claimed: 'shape=box, style="rounded,filled", fillcolor="#ddf4ff"',
  waiting: 'shape=parallelogram, fillcolor="#fff8c5"',
  blocked: 'shape=box, style="dashed,filled", fillcolor="#eaeef2"',
  done: 'shape=ellipse, fillcolor="#dafbe1"',
  failed: 'shape=octagon, fillcolor="#ffebe9"',
  cancelled: 'shape=box, style="dotted,filled", fillcolor="#f6f8fa", fontcolor="#57606a"',
}

/** Renders a graph in the DOT language of Graphviz. `shown` escapes a text so that it is visible on one line. */
export const dot = function* ({ nodes, arrows }: Graph, shown: (text: string) => string): Iterable<string> {
  yield 'digraph claimlog {\n  rankdir=LR;\n  node [style=filled, fontname="Helvetica"];\n'
  for (const { name, lines, standing } of nodes) {
    const label = lines.map(text => quotable(shown(text))).join('\\n')
    yield `  ${name} [label="${label}", class="${standing}", ${looks[standing]}];\n`
  }
  for (const [from, to] of arrows) yield `  ${from} -> ${to};\n`
  yield '}\n'
}

/** Escapes a label: Graphviz interprets escape sequences, such as `\N` for the node's name, and HTML entities. */
const quotable = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
