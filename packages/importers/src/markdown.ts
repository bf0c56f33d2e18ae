import * as E from 'fp-ts/lib/Either.js'
import type { ListItem, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item'
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item'
import type { Kind } from '@claimlog/domain'
import { freeNames } from './fitting-names.ts'
import type { ForeignTask } from './foreign-task.ts'
import type { LeftOutReport } from './left-out.ts'

/**
 * The deepest nesting, in characters before a line's text: more than people write, and far below the depth at which
 * parsing is slow, as it visits all levels for each line.
 */
const maxDepth = 200
const beforeText = /^(?:[\s>]|[-*+]\s|\d+[.)]\s)*/

/** Parsing takes up to 4,000 bytes of memory per byte. */
const maxLength = 512 * 1024

/**
 * Reads the items of Markdown checklists, `- [ ] text` and `- [x] text`. The id of an item is `{#id}` or `^id` at the
 * end of its text, or else derived from the text. An item depends on the items nested in it. Headings and other text
 * are ignored.
 */
export const readMarkdown = (
  source: string,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> => {
  if (source.length > maxLength) return E.left('a checklist is at most 512 KiB; split it into smaller files')
  const text = source.replace(/\r\n?/g, '\n')
  const deep = text.split('\n').findIndex(line => (beforeText.exec(line)?.[0] ?? '').length > maxDepth)
  if (deep !== -1) return E.left(`line ${deep + 1} is nested too deeply: its text begins after column ${maxDepth}`)
  const items: Array<CheckItem> = []
  gather({ text, items, report }, fromMarkdown(text, checkLists), undefined)
  if (items.length === 0) return E.left('it has no checklist items; an item is written `- [ ] text`')
  return E.right(namedItems(items, kind))
}

/**
 * The syntax of checklists and the blocks around them. Inline syntax is not parsed: the text is kept as written, and
 * nested emphasis would take minutes.
 */
const checkLists = {
  extensions: [
    gfmTaskListItem(),
    {
      disable: {
        null: ['attention', 'autolink', 'codeText', 'htmlText', 'labelEnd', 'labelStartImage', 'labelStartLink'],
      },
    },
  ],
  mdastExtensions: [gfmTaskListItemFromMarkdown()],
}

type CheckItem = {
  readonly line: number
  readonly title: string
  /** The id at the end of the text. */
  readonly id: string | undefined
  readonly isDone: boolean
  readonly details: string | undefined
  readonly within: Array<CheckItem>
}

type Gathering = { readonly text: string; readonly items: Array<CheckItem>; readonly report: LeftOutReport }

/** Collects the checklist items below `node` in the order of the file; top-level ones become children of `whole`. */
const gather = (gathering: Gathering, node: Nodes, whole: CheckItem | undefined): void => {
  const item = node.type === 'listItem' ? checkItem(gathering, node) : undefined
  if (item !== undefined) {
    gathering.items.push(item)
    whole?.within.push(item)
  }
  if (node.type === 'paragraph' || !('children' in node)) return
  for (const child of node.children) gather(gathering, child, item ?? whole)
}

const checkItem = ({ text, report }: Gathering, node: ListItem): CheckItem | undefined => {
  const [first, ...rest] = node.children
  const line = node.position?.start.line ?? 0
  if (first?.type !== 'paragraph') return undefined
  const source = sourceOf(text, first).replace(/\s+/g, ' ').trim()
  if (typeof node.checked !== 'boolean') {
    const [, mark] = /^(\[[^\]]\])(?: |$)/u.exec(source) ?? []
    if (mark !== undefined) report.leave('item', mark, 'a checklist item begins with [ ] or [x]', `line ${line}`)
    return undefined
  }
  const [ending, braced, blockId] = idAtEnd.exec(source) ?? ['']
  const details = rest.filter(child => !holdsItems(child)).map(child => sourceOf(text, child))
  return {
    line,
    title: source.slice(0, source.length - ending.length),
    id: braced ?? blockId,
    isDone: node.checked,
    details: details.length === 0 ? undefined : details.join('\n\n'),
    within: [],
  }
}

/** `{#id}` as in Pandoc, `^id` as in Obsidian. */
const idAtEnd = / (?:\{#([^\s{}]+)\}|\^([\w-]+))$/u

const holdsItems = (node: Nodes): boolean =>
  (node.type === 'listItem' && typeof node.checked === 'boolean') ||
  (node.type !== 'paragraph' && 'children' in node && node.children.some(holdsItems))

const sourceOf = (text: string, { position }: Nodes): string =>
  text.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)

/** Longer names are not clearer. */
const maxSlugLength = 60

/** Converts an item's text to a name: letters and numbers in lower case, joined by `-`; only the text of links. */
const slugOf = (title: string): string => {
  const plain = title
    .replace(/\]\([^()]*\)/g, ']')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
  return [...plain.replace(/^-/, '')].slice(0, maxSlugLength).join('').replace(/-$/, '') || 'item'
}

const namedItems = (items: ReadonlyArray<CheckItem>, kind: Kind): ReadonlyArray<ForeignTask> => {
  const taken = new Set(items.flatMap(({ id }) => id ?? []))
  const freeName = freeNames(taken)
  const ids = new Map<CheckItem, string>()
  for (const item of items) ids.set(item, item.id ?? freeName(slugOf(item.title)))
  const idOf = (item: CheckItem): string => ids.get(item) ?? ''
  return items.map((item): ForeignTask => ({
    place: `line ${item.line}`,
    id: idOf(item),
    kind,
    title: item.title,
    payload: { details: item.details },
    needs: item.within.map(idOf),
    tags: [],
    standing: { status: item.isDone ? 'done' : 'ready' },
  }))
}
