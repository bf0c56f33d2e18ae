import type { DisplayStatus } from '@claimlog/domain'
import type { Graph } from './graph.ts'

/** The shape and style of a node by status. The shape differs too, for readers who cannot see the colours. */
const shapes: Readonly<
  Record<DisplayStatus, { readonly open: string; readonly close: string; readonly style: string }>
> = {
  ready: { open: '[', close: ']', style: 'fill:#ffffff,stroke:#57606a,color:#24292f' },
  claimed: { open: '(', close: ')', style: 'fill:#ddf4ff,stroke:#0969da,color:#24292f' },
  waiting: { open: '[/', close: '/]', style: 'fill:#fff8c5,stroke:#9a6700,color:#24292f' },
  blocked: { open: '[[', close: ']]', style: 'fill:#eaeef2,stroke:#8c959f,color:#24292f' },
  done: { open: '([', close: '])', style: 'fill:#dafbe1,stroke:#1a7f37,color:#24292f' },
  failed: { open: '{{', close: '}}', style: 'fill:#ffebe9,stroke:#cf222e,color:#24292f' },
  cancelled: { open: '>', close: ']', style: 'fill:#f6f8fa,stroke:#8c959f,color:#57606a,stroke-dasharray:4' },
}

/** Renders a graph as a Mermaid flowchart. `escapeText` escapes a text so that it is visible on one line. */
export const renderMermaid = function* (
  { nodes, arrows }: Graph,
  escapeText: (text: string) => string,
): Iterable<string> {
  yield 'flowchart LR\n'
  for (const [status, { style }] of Object.entries(shapes)) yield `  classDef ${status} ${style}\n`
  for (const { name, lines, status } of nodes) {
    const { open, close } = shapes[status]
    const label = lines.map(text => escapeEntities(escapeText(text))).join('<br/>')
    yield `  ${name}${open}"${label}"${close}\n  class ${name} ${status}\n`
  }
  for (const [from, to] of arrows) yield `  ${from} --> ${to}\n`
}

/**
 * All ASCII characters except letters, digits and space: Mermaid, Markdown and HTML would all interpret them in a
 * label. Also the two characters with which Mermaid delimits entities internally.
 */
const specialCharacters = /[!-/:-@[-`{-~ﬂ¶]/g

const escapeEntities = (text: string): string =>
  text.replace(specialCharacters, character => `#${character.charCodeAt(0)};`)
