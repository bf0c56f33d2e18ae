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
 * Deeper than anybody nests, in characters before a line's text, and far from where parsing takes long: it goes through all
 * levels for each line.
 */
const maxDepth = 200
const beforeText = /^(?:[\s>]|[-*+]\s|\d+[.)]\s)*/

/** Parsing takes up to four thousand bytes of memory for each byte. */
const maxLength = 512 * 1024

/**
 * The items of Markdown's check lists, `- [ ] text` and `- [x] text`. An item is named by the end of its text, `{#id}` or
 * `^id`, else for its text. It needs the items within it. Headings, and what is no item, say nothing.
 */
export const readMarkdown = (
  source: string,
  kind: Kind,
  report: LeftOutReport,
): E.Either<string, ReadonlyArray<ForeignTask>> => {
  if (source.length > maxLength)
    return E.left('a check list of more than 512 KiB is not read; split it into smaller files')
  const text = source.replace(/\r\n?/g, '\n')
  const deep = text.split('\n').findIndex(line => (beforeText.exec(line)?.[0] ?? '').length > maxDepth)
  if (deep !== -1) return E.left(`line ${deep + 1} is nested too deep: its text begins after column ${maxDepth}`)
  const items: Array<CheckItem> = []
  gather({ text, items, report }, fromMarkdown(text, checkLists), undefined)
  if (items.length === 0) return E.left('there is no check list in it; an item of one is written `- [ ] text`')
  return E.right(namedItems(items, kind))
}

/**
 * Check lists and what they may stand in. What a line of text is made of is not asked: the text is taken as it is written,
 * and emphasis in emphasis in emphasis … would take minutes.
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
  /** The name that the text ends in. */
  readonly id: string | undefined
  readonly isDone: boolean
  readonly details: string | undefined
  readonly within: Array<CheckItem>
}

type Gathering = { readonly text: string; readonly items: Array<CheckItem>; readonly report: LeftOutReport }

/** Adds the check items below `node`, in the order of the file; those within none but `whole` become its own. */
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
    if (mark !== undefined) report.leave('item', mark, 'an item of a check list begins with [ ] or [x]', `line ${line}`)
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

/** A name of many words tells no more than one of some. */
const maxSlugLength = 60

/** An item's text as a name: its letters and numbers in lower case, `-` for all between; of a link only its text. */
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
  return items.map(item => ({
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
