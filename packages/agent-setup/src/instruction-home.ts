import { existsSync, lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Agent, InstructionFiles } from './agent.ts'
import { valueAt } from './json-file.ts'
import { readAtMost } from './read-at-most.ts'

/** The instruction file that most agents share. */
const sharedFile = 'AGENTS.md'

/** The file in which an agent finds the managed block. */
export type InstructionHome = {
  /** Relative to the project folder. */
  readonly path: string
  /** The reason for `path`, if it is not the agent's usual file. */
  readonly because?: string
  /** Other files that may have a block from an earlier setup. */
  readonly others: ReadonlyArray<string>
}

/**
 * Chooses the file for the managed block so that the agent reads it once: AGENTS.md if one of the agent's files imports
 * it, otherwise the first of its files that exists.
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

/** Instruction files that projects link to one another to share their text. */
const linkedFiles = ['CLAUDE.md', '.claude/CLAUDE.md', 'GEMINI.md', sharedFile]

/** True if an instruction file is a symbolic link to `target`. */
export const isLinkedTo = (project: string, target: string): boolean =>
  linkedFiles.some(path => {
    const place = join(project, path)
    return statOf(place)?.isSymbolicLink() === true && isSameFile(place, target)
  })

/** The instruction files in the agent's settings, or its default ones; AGENTS.md first, as other agents read it too. */
const ownPaths = (project: string, { paths, named }: InstructionFiles): ReadonlyArray<string> => {
  if (named === undefined) return paths
  const text = textOf(join(project, named.path)) ?? ''
  const names = named.places.flatMap(keyPath => {
    const found = valueAt(text, keyPath)
    const value = E.isRight(found) ? found.right : undefined
    return (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'string')
  })
  const within = names.map(normalize).filter(name => name !== '.' && !isAbsolute(name) && !name.startsWith('..'))
  if (within.length === 0) return paths
  return within.includes(sharedFile) ? [sharedFile, ...within.filter(name => name !== sharedFile)] : within
}

/** The import depth of Claude Code and Gemini CLI. */
const importStepsMax = 5

/** The number of imports checked per step: more than a project has, and each needs disk access. */
const importsMax = 100

/** True if `path` imports `wanted`, directly or indirectly. */
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

/** Finds the imports in a text: `@path` outside code and comments. */
export const importsIn = (markdown: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let fence: string | undefined
  for (const line of withoutComments(markdown).split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    // The replacement takes quadratic time; a line with an import is short.
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

/** The part of an instruction file that is searched. */
const textBytes = 1024 * 1024

/** undefined: the file cannot be read, which is reported when it is edited. */
const textOf = (path: string): string | undefined => {
  try {
    return readAtMost(path, textBytes).toString()
  } catch {
    return undefined
  }
}

/** The target of a symbolic link, relative to the project folder; undefined: not a link, or a broken one. */
const linkTarget = (project: string, path: string): string | undefined => {
  const place = join(project, path)
  if (statOf(place)?.isSymbolicLink() !== true || !existsSync(place)) return undefined
  return relative(realPath(project), realPath(place))
}

/** undefined: the path does not exist or is not accessible. */
const statOf = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const isSameFile = (one: string, other: string): boolean => realPath(one) === realPath(other)

/** Resolves links; if the path does not exist, those of its nearest existing folder. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), relative(dirname(path), path))
  }
}
