import type { Standing } from '@claimlog/domain'
import type { Graph } from './graph.ts'

/** How a node of each standing is drawn: the shape says it too, for whoever does not see the colours. */
const looks: Readonly<Record<Standing, string>> = {
  ready: 'shape=box, fillcolor="#ffffff"',
  claimed: 'shape=box, style="rounded,filled", fillcolor="#ddf4ff"',
  waiting: 'shape=parallelogram, fillcolor="#fff8c5"',
  blocked: 'shape=box, style="dashed,filled", fillcolor="#eaeef2"',
  done: 'shape=ellipse, fillcolor="#dafbe1"',
  failed: 'shape=octagon, fillcolor="#ffebe9"',
  cancelled: 'shape=box, style="dotted,filled", fillcolor="#f6f8fa", fontcolor="#57606a"',
}

/** A graph in Graphviz's language. `shown` makes of a text one that can be seen on one line. */
export const dot = function* ({ nodes, arrows }: Graph, shown: (text: string) => string): Iterable<string> {
  yield 'digraph claimlog {\n  rankdir=LR;\n  node [style=filled, fontname="Helvetica"];\n'
  for (const { name, lines, standing } of nodes) {
    const label = lines.map(text => quotable(shown(text))).join('\\n')
    yield `  ${name} [label="${label}", class="${standing}", ${looks[standing]}];\n`
  }
  for (const [from, to] of arrows) yield `  ${from} -> ${to};\n`
  yield '}\n'
}

/** Graphviz reads escapes in a label, as `\N` for the node's name, and entities as HTML has them. */
const quotable = (text: string): string => text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('&', '&amp;')
