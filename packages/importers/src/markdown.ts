import * as E from 'fp-ts/lib/Either.js'
import type { ListItem, Nodes } from 'mdast'
import { fromMarkdown } from 'mdast-util-from-markdown'
import { gfmTaskListItemFromMarkdown } from 'mdast-util-gfm-task-list-item'
import { gfmTaskListItem } from 'micromark-extension-gfm-task-list-item'
import type { Kind } from '@claimlog/domain'
import { nameAllocator } from './sanitize-name.ts'
import type { ExternalTask } from './external-task.ts'
import type { ImportWarnings } from './import-warnings.ts'

/**
 * The deepest nesting, in characters before a line's text: more than people write, and far below the depth at which
 * parsing is slow, as it visits all levels for each line.
 */
const depthMax = 200
const linePrefix = /^(?:[\s>]|[-*+]\s|\d+[.)]\s)*/

/** Parsing takes up to 4,000 bytes of memory per byte. */
const lengthMax = 512 * 1024

/**
 * Reads the items of Markdown checklists, `- [ ] text` and `- [x] text`. The id of an item is `{#id}` or `^id` at the
 * end of its text, or else derived from the text. An item depends on the items nested in it. Headings and other text
 * are ignored.
 */
export const readMarkdown = (
  source: string,
  kind: Kind,
  warnings: ImportWarnings,
): E.Either<string, ReadonlyArray<ExternalTask>> => {
  if (source.length > lengthMax) return E.left('a checklist is at most 512 KiB; split it into smaller files')
  const text = source.replace(/\r\n?/g, '\n')
  const tooDeepIndex = text.split('\n').findIndex(line => (linePrefix.exec(line)?.[0] ?? '').length > depthMax)
  if (tooDeepIndex !== -1)
    return E.left(`line ${tooDeepIndex + 1} is nested too deeply: its text begins after column ${depthMax}`)
  const items: Array<ChecklistItem> = []
  collectItems({ text, items, warnings }, fromMarkdown(text, checklistSyntax), undefined)
  if (items.length === 0) return E.left('it has no checklist items; an item is written `- [ ] text`')
  return E.right(toTasks(items, kind))
}

/**
 * The syntax of checklists and the blocks around them. Inline syntax is not parsed: the text is kept as written, and
 * nested emphasis would take minutes.
 */
const checklistSyntax = {
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

type ChecklistItem = {
  readonly line: number
  readonly title: string
  /** The id at the end of the text. */
  readonly id: string | undefined
  readonly isDone: boolean
  readonly details: string | undefined
  readonly children: Array<ChecklistItem>
}

type ItemCollector = { readonly text: string; readonly items: Array<ChecklistItem>; readonly warnings: ImportWarnings }

/** Collects the checklist items below `node` in the order of the file; top-level ones become children of `parent`. */
const collectItems = (collector: ItemCollector, node: Nodes, parent: ChecklistItem | undefined): void => {
  const item = node.type === 'listItem' ? toChecklistItem(collector, node) : undefined
  if (item !== undefined) {
    collector.items.push(item)
    parent?.children.push(item)
  }
  if (node.type === 'paragraph' || !('children' in node)) return
  for (const child of node.children) collectItems(collector, child, item ?? parent)
}

const toChecklistItem = ({ text, warnings }: ItemCollector, node: ListItem): ChecklistItem | undefined => {
  const [first, ...rest] = node.children
  const line = node.position?.start.line ?? 0
  if (first?.type !== 'paragraph') return undefined
  const source = sourceText(text, first).replace(/\s+/g, ' ').trim()
  if (typeof node.checked !== 'boolean') {
    const [, mark] = /^(\[[^\]]\])(?: |$)/u.exec(source) ?? []
    if (mark !== undefined) warnings.add('item', mark, 'a checklist item begins with [ ] or [x]', `line ${line}`)
    return undefined
  }
  const [idSuffix, braced, blockId] = trailingId.exec(source) ?? ['']
  const details = rest.filter(child => !containsItems(child)).map(child => sourceText(text, child))
  return {
    line,
    title: source.slice(0, source.length - idSuffix.length),
    id: braced ?? blockId,
    isDone: node.checked,
    details: details.length === 0 ? undefined : details.join('\n\n'),
    children: [],
  }
}

/** `{#id}` as in Pandoc, `^id` as in Obsidian. */
const trailingId = / (?:\{#([^\s{}]+)\}|\^([\w-]+))$/u

const containsItems = (node: Nodes): boolean =>
  (node.type === 'listItem' && typeof node.checked === 'boolean') ||
  (node.type !== 'paragraph' && 'children' in node && node.children.some(containsItems))

const sourceText = (text: string, { position }: Nodes): string =>
  text.slice(position?.start.offset ?? 0, position?.end.offset ?? 0)

/** Longer names are not clearer. */
const slugLengthMax = 60

/** Converts an item's text to a name: letters and numbers in lower case, joined by `-`; only the text of links. */
const slugify = (title: string): string => {
  const plain = title
    .replace(/\]\([^()]*\)/g, ']')
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}]+/gu, '-')
  return [...plain.replace(/^-/, '')].slice(0, slugLengthMax).join('').replace(/-$/, '') || 'item'
}

const toTasks = (items: ReadonlyArray<ChecklistItem>, kind: Kind): ReadonlyArray<ExternalTask> => {
  const usedIds = new Set(items.flatMap(({ id }) => id ?? []))
  const allocateName = nameAllocator(usedIds)
  const ids = new Map<ChecklistItem, string>()
  for (const item of items) ids.set(item, item.id ?? allocateName(slugify(item.title)))
  const itemId = (item: ChecklistItem): string => ids.get(item) ?? ''
  return items.map((item): ExternalTask => ({
    position: `line ${item.line}`,
    id: itemId(item),
    kind,
    title: item.title,
    payload: { details: item.details },
    needs: item.children.map(itemId),
    tags: [],
    importedState: { status: item.isDone ? 'done' : 'ready' },
  }))
}
