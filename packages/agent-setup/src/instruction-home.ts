import { existsSync, lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Agent, InstructionFiles } from './agent.ts'
import { valueAt } from './json-file.ts'
import { readAtMost } from './read-at-most.ts'

/** The file that agents without one of their own read. */
const sharedFile = 'AGENTS.md'

/** Where an agent is to find the section. */
export type InstructionHome = {
  /** From the project's folder. */
  readonly path: string
  /** How the agent comes to it, if `path` is not the file that it looks for. */
  readonly because?: string
  /** Other files that may have the section from before. */
  readonly others: ReadonlyArray<string>
}

/**
 * Where the section of an agent goes, so that it is read once: into AGENTS.md if a file of the agent's own imports that,
 * else into the first of its own files that is there.
 */
export const findInstructionHome = (project: string, { instructions }: Agent): InstructionHome => {
  const paths = ownPaths(project, instructions)
  const existing = paths.filter(path => statOf(join(project, path)) !== undefined)
  const all = [...new Set([...paths, ...instructions.paths, ...(instructions.importsFiles ? [sharedFile] : [])])]
  const home = (path: string, because?: string): InstructionHome => ({
    path,
    ...(because === undefined ? {} : { because }),
    others: all.filter(other => !isSameFile(join(project, other), join(project, path))),
  })
  const importing = instructions.importsFiles ? existing.find(path => imports(project, path, sharedFile)) : undefined
  if (importing !== undefined && importing !== sharedFile) return home(sharedFile, `${importing} imports it`)
  const [first = instructions.paths[0] ?? sharedFile] = [...existing, ...paths]
  const linked = linkTarget(project, first)
  return linked === undefined ? home(first) : home(first, `it is a link to ${linked}`)
}

/** Files that may be symbolic links to one another, so that the text is one. */
const linkedFiles = ['CLAUDE.md', '.claude/CLAUDE.md', 'GEMINI.md', sharedFile]

/** Whether a file of instructions is a symbolic link to `target`. */
export const isLinkedTo = (project: string, target: string): boolean =>
  linkedFiles.some(path => {
    const place = join(project, path)
    return statOf(place)?.isSymbolicLink() === true && isSameFile(place, target)
  })

/** The files that the agent looks for, as its settings name them; AGENTS.md first, as it is read by others too. */
const ownPaths = (project: string, { paths, named }: InstructionFiles): ReadonlyArray<string> => {
  if (named === undefined) return paths
  const text = textOf(join(project, named.path)) ?? ''
  const names = named.places.flatMap(place => {
    const found = valueAt(text, place)
    const value = E.isRight(found) ? found.right : undefined
    return (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'string')
  })
  const within = names.map(normalize).filter(name => name !== '.' && !isAbsolute(name) && !name.startsWith('..'))
  if (within.length === 0) return paths
  return within.includes(sharedFile) ? [sharedFile, ...within.filter(name => name !== sharedFile)] : within
}

/** As many steps as Claude Code and Gemini CLI follow. */
const importStepsMax = 5

/** More files than anybody imports in one step; each costs a look at the disk. */
const importsMax = 100

/** Whether `path` imports `wanted`, or something that does. */
const imports = (project: string, path: string, wanted: string): boolean => {
  const root = realPath(project)
  const seen = new Set<string>()
  let files = [join(project, path)]
  for (let step = 0; step < importStepsMax; step += 1) {
    const named = files.flatMap(file => importsIn(textOf(file) ?? '').map(name => resolve(dirname(file), name)))
    const next = [...new Set(named)].slice(0, importsMax)
    if (next.some(file => isSameFile(file, join(project, wanted)))) return true
    files = next.filter(file => !seen.has(file) && realPath(file).startsWith(root + sep))
    for (const file of files) seen.add(file)
  }
  return false
}

/** What a text imports: `@path`, but for code and comments. */
export const importsIn = (markdown: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let fence: string | undefined
  for (const line of withoutComments(markdown).split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    // Takes the square of its length, and a line with an import is short.
    const isSearched = fence === undefined && mark === undefined && line.length < 4096
    if (isSearched) lines.push(line.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, ' '))
    else if (mark === undefined) continue
    else if (fence === undefined) fence = mark
    else if (mark.startsWith(fence) && line.trim() === mark) fence = undefined
  }
  return [...lines.join('\n').matchAll(/(?:^|[\s(])@([^\s@`]+)/g)].flatMap(([, name = '']) => {
    const bare = name.replace(/[.,;:!?)*_"']+$/, '')
    return bare === '' || bare.startsWith('~') ? [] : [bare]
  })
}

const withoutComments = (markdown: string): string => {
  const parts: Array<string> = []
  for (let at = 0; ;) {
    const open = markdown.indexOf('<!--', at)
    const close = open === -1 ? -1 : markdown.indexOf('-->', open)
    if (close === -1) return [...parts, markdown.slice(at)].join(' ')
    parts.push(markdown.slice(at, open))
    at = close + '-->'.length
  }
}

/** No file of instructions is larger. */
const textBytes = 1024 * 1024

/** undefined: it cannot be read, which matters to whoever edits it. */
const textOf = (path: string): string | undefined => {
  try {
    return readAtMost(path, textBytes).toString()
  } catch {
    return undefined
  }
}

/** Where a symbolic link leads, from the project's folder; undefined: it is none, or leads nowhere. */
const linkTarget = (project: string, path: string): string | undefined => {
  const place = join(project, path)
  if (statOf(place)?.isSymbolicLink() !== true || !existsSync(place)) return undefined
  return relative(realPath(project), realPath(place))
}

/** undefined: it is not there, or cannot be seen. */
const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const isSameFile = (one: string, other: string): boolean => realPath(one) === realPath(other)

/** The path that links lead to; of what is not there, that of its folder. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), relative(dirname(path), path))
  }
}
