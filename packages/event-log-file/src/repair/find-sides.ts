import { isUtf8 } from 'node:buffer'
import { parseConflictMarker } from '../read/damage-cause.ts'
import { forEachPiece } from './damaged-part.ts'
import type { OpenFile } from '../disk/log-file.ts'
import { isContinued, readHash, isChained } from '@claimlog/event-log-line'

/** A range of bytes of a file that is kept; `newline`: add one after it. */
export type ByteRange = { readonly from: number; readonly to: number; readonly newline: boolean }

/** One of the histories in a merged log: a chain of lines from the first one to one that has no successor. */
export type Side = {
  /** The label in git's conflict marker: `HEAD`, a branch, a commit. */
  readonly label: string | undefined
  /** All its lines, in order. */
  readonly ranges: ReadonlyArray<ByteRange>
  /** The seq of its last event, and the hash of that line. */
  readonly seq: number
  readonly hash: string
}

/** The histories in a log into which two or more copies were merged. */
export type Sides = {
  /** In the order in which they appear in the file. */
  readonly sides: ReadonlyArray<Side>
  /** The last event that all sides share, and the byte where its line ends. */
  readonly commonSeq: number
  readonly commonEnd: number
  /** Lines that belong to no side. */
  readonly strayLines: number
}

type ConflictRegion = { label?: string }

type LineNode = {
  readonly seq: number
  readonly hash: string
  readonly parent: LineNode | undefined
  readonly range: ByteRange
  /** The decision continues on the next line. */
  readonly more: boolean
  readonly region: ConflictRegion | undefined
  hasSuccessor: boolean
}

/**
 * Finds the histories in the file up to byte `size`, by the hashes alone: a line follows the line that it is chained
 * to, which may be anywhere before it. Git's conflict markers only supply labels. Throws as the disk does.
 */
export const findSides = (file: OpenFile, size: number): Sides => {
  const { nodes, strayLines } = readNodes(file, size)
  const ends = nodes.filter(node => !node.hasSuccessor).map(findWholeEnd)
  const isAncestor = (end: LineNode, other: LineNode): boolean => {
    let node: LineNode | undefined = other
    while (node !== undefined && node.seq > end.seq) node = node.parent
    return node === end
  }
  const leaves = ends.filter(
    (end, i): end is LineNode =>
      end !== undefined &&
      !ends.some((other, j) => other !== undefined && i !== j && isAncestor(end, other) && (other !== end || j < i)),
  )
  const forkNode = leaves.reduce<LineNode | undefined>(
    (node, leaf) => (node === undefined ? leaf : findFork(node, leaf)),
    undefined,
  )
  const findFirstOwnOffset = (leaf: LineNode): number => {
    let node = leaf
    while (node.parent !== undefined && node.parent !== forkNode) node = node.parent
    return node.range.from
  }
  return {
    sides: [...leaves].sort((a, b) => findFirstOwnOffset(a) - findFirstOwnOffset(b)).map(toSide),
    commonSeq: forkNode?.seq ?? 0,
    commonEnd: forkNode?.range.to ?? 0,
    strayLines,
  }
}

const readNodes = (
  file: OpenFile,
  size: number,
): { readonly nodes: ReadonlyArray<LineNode>; readonly strayLines: number } => {
  const nodes: Array<LineNode> = []
  const bySeq = new Map<number, Array<LineNode>>()
  let strayLines = 0
  let region: ConflictRegion | undefined

  const addLine = (line: string, from: number, end: number): boolean => {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line
    const hash = readHash(bare)
    const seq = hash === undefined ? undefined : parseSeq(bare)
    if (hash === undefined || seq === undefined) return false
    if (bySeq.get(seq)?.some(node => node.hash === hash) === true) return true
    const candidates = bySeq.get(seq - 1) ?? []
    const parent = candidates.find(node => isChained(node.hash, bare))
    if (parent === undefined && !(seq === 1 && isChained('', bare))) return false
    const range = bare === line ? { from, to: end, newline: false } : { from, to: end - 2, newline: true }
    const node: LineNode = { seq, hash, parent, range, more: isContinued(bare), region, hasSuccessor: false }
    if (parent !== undefined) parent.hasSuccessor = true
    nodes.push(node)
    bySeq.set(seq, [...(bySeq.get(seq) ?? []), node])
    return true
  }

  forEachPiece(file, 0, size, (bytes, from, end) => {
    const line = bytes !== undefined && isUtf8(bytes) ? bytes.toString() : undefined
    const { marker, label } = parseConflictMarker(line ?? '') ?? {}
    if (marker === undefined) {
      if (line === undefined || !addLine(line, from, end)) strayLines += 1
    } else if (marker.startsWith('>')) {
      if (region !== undefined && label !== undefined) region.label = label
      region = undefined
    } else region = marker.startsWith('<') && label !== undefined ? { label } : {}
  })
  return { nodes, strayLines }
}

const parseSeq = (line: string): number | undefined => {
  const digits = /^\{"seq":(\d{1,15}),/.exec(line)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The last line of the last whole decision up to `node`. */
const findWholeEnd = (node: LineNode): LineNode | undefined => {
  let end: LineNode | undefined = node
  while (end?.more === true) end = end.parent
  return end
}

const findFork = (a: LineNode, b: LineNode): LineNode | undefined => {
  let [left, right]: [LineNode | undefined, LineNode | undefined] = [a, b]
  while (left !== right) {
    if (left === undefined || right === undefined) return undefined
    if (left.seq >= right.seq) left = left.parent
    else right = right.parent
  }
  return findWholeEnd(left as LineNode)
}

const toSide = (leaf: LineNode): Side => {
  const ranges: Array<ByteRange> = []
  for (let node: LineNode | undefined = leaf; node !== undefined; node = node.parent) {
    const next = ranges.at(-1)
    const { from, to, newline } = node.range
    if (next !== undefined && !newline && next.from === to) ranges[ranges.length - 1] = { ...next, from }
    else ranges.push(node.range)
  }
  return { label: leaf.region?.label, ranges: ranges.reverse(), seq: leaf.seq, hash: leaf.hash }
}
