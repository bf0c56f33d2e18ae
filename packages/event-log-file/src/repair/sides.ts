import { isUtf8 } from 'node:buffer'
import { conflictMarkerIn } from '../read/damage-cause.ts'
import { eachPiece } from './cut-off-part.ts'
import type { OpenFile } from '../disk/log-file.ts'
import { goesOn, hashOf, isChained } from '../format/line.ts'

/** A range of bytes of a file that is kept; `newline`: add one after it. */
export type Piece = { readonly from: number; readonly to: number; readonly newline: boolean }

/** One of the histories in a merged log: a chain of lines from the first one to one that has no successor. */
export type Side = {
  /** The label in git's conflict marker: `HEAD`, a branch, a commit. */
  readonly label: string | undefined
  /** All its lines, in order. */
  readonly pieces: ReadonlyArray<Piece>
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

type Region = { label?: string }

type Node = {
  readonly seq: number
  readonly hash: string
  readonly parent: Node | undefined
  readonly piece: Piece
  /** The decision continues on the next line. */
  readonly more: boolean
  readonly region: Region | undefined
  followed: boolean
}

/**
 * Finds the histories in the file up to byte `size`, by the hashes alone: a line follows the line that it is chained
 * to, which may be anywhere before it. Git's conflict markers only supply labels. Throws as the disk does.
 */
export const findSides = (file: OpenFile, size: number): Sides => {
  const { nodes, strayLines } = readNodes(file, size)
  const ends = nodes.filter(node => !node.followed).map(wholeEnd)
  const isWithin = (end: Node, other: Node): boolean => {
    let node: Node | undefined = other
    while (node !== undefined && node.seq > end.seq) node = node.parent
    return node === end
  }
  const leaves = ends.filter(
    (end, i): end is Node =>
      end !== undefined &&
      !ends.some((other, j) => other !== undefined && i !== j && isWithin(end, other) && (other !== end || j < i)),
  )
  const common = leaves.reduce<Node | undefined>(
    (node, leaf) => (node === undefined ? leaf : forkOf(node, leaf)),
    undefined,
  )
  const last = leaves.length === 0 ? undefined : common
  const firstOwn = (leaf: Node): number => {
    let node = leaf
    while (node.parent !== undefined && node.parent !== last) node = node.parent
    return node.piece.from
  }
  return {
    sides: [...leaves].sort((a, b) => firstOwn(a) - firstOwn(b)).map(sideOf),
    commonSeq: last?.seq ?? 0,
    commonEnd: last?.piece.to ?? 0,
    strayLines,
  }
}

const readNodes = (
  file: OpenFile,
  size: number,
): { readonly nodes: ReadonlyArray<Node>; readonly strayLines: number } => {
  const nodes: Array<Node> = []
  const bySeq = new Map<number, Array<Node>>()
  let strayLines = 0
  let region: Region | undefined

  const takeLine = (line: string, from: number, end: number): boolean => {
    const bare = line.endsWith('\r') ? line.slice(0, -1) : line
    const hash = hashOf(bare)
    const seq = hash === undefined ? undefined : seqOf(bare)
    if (hash === undefined || seq === undefined) return false
    if (bySeq.get(seq)?.some(node => node.hash === hash) === true) return true
    const before = bySeq.get(seq - 1) ?? []
    const parent = before.find(node => isChained(node.hash, bare))
    if (parent === undefined && !(seq === 1 && isChained('', bare))) return false
    const piece = bare === line ? { from, to: end, newline: false } : { from, to: end - 2, newline: true }
    const node: Node = { seq, hash, parent, piece, more: goesOn(bare), region, followed: false }
    if (parent !== undefined) parent.followed = true
    nodes.push(node)
    bySeq.set(seq, [...(bySeq.get(seq) ?? []), node])
    return true
  }

  eachPiece(file, 0, size, (bytes, from, end) => {
    const line = bytes !== undefined && isUtf8(bytes) ? bytes.toString() : undefined
    const { marker, label } = conflictMarkerIn(line ?? '') ?? {}
    if (marker === undefined) {
      if (line === undefined || !takeLine(line, from, end)) strayLines += 1
    } else if (marker.startsWith('>')) {
      if (region !== undefined && label !== undefined) region.label = label
      region = undefined
    } else region = marker.startsWith('<') && label !== undefined ? { label } : {}
  })
  return { nodes, strayLines }
}

const seqOf = (line: string): number | undefined => {
  const digits = /^\{"seq":(\d{1,15}),/.exec(line)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The last line of the last whole decision up to `node`. */
const wholeEnd = (node: Node): Node | undefined => {
  let end: Node | undefined = node
  while (end?.more === true) end = end.parent
  return end
}

const forkOf = (a: Node, b: Node): Node | undefined => {
  let [left, right]: [Node | undefined, Node | undefined] = [a, b]
  while (left !== right) {
    if (left === undefined || right === undefined) return undefined
    if (left.seq >= right.seq) left = left.parent
    else right = right.parent
  }
  return wholeEnd(left as Node)
}

const sideOf = (leaf: Node): Side => {
  const pieces: Array<Piece> = []
  for (let node: Node | undefined = leaf; node !== undefined; node = node.parent) {
    const next = pieces.at(-1)
    const { from, to, newline } = node.piece
    if (next !== undefined && !newline && next.from === to) pieces[pieces.length - 1] = { ...next, from }
    else pieces.push(node.piece)
  }
  return { label: leaf.region?.label, pieces: pieces.reverse(), seq: leaf.seq, hash: leaf.hash }
}
