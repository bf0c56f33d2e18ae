import { existsSync, lstatSync, realpathSync, type Stats } from 'node:fs'
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path'
import * as E from 'fp-ts/lib/Either.js'
import type { Agent, InstructionFiles } from './agent.ts'
import { readValue } from './json-file.ts'
import { readPrefix } from './read-prefix.ts'

/** The instruction file that most agents share. */
const sharedFile = 'AGENTS.md'

/** The file in which an agent finds the managed block. */
export type InstructionTarget = {
  /** Relative to the project folder. */
  readonly path: string
  /** The reason for `path`, if it is not the agent's usual file. */
  readonly reason?: string
  /** Other files that may have a block from an earlier setup. */
  readonly others: ReadonlyArray<string>
}

/**
 * Chooses the file for the managed block so that the agent reads it once: AGENTS.md if one of the agent's files imports
 * it, otherwise the first of its files that exists.
 */
export const findInstructionFile = (project: string, { instructions }: Agent): InstructionTarget => {
  const paths = instructionPaths(project, instructions)
  const existing = paths.filter(path => tryStat(join(project, path)) !== undefined)
  const all = [...new Set([...paths, ...instructions.paths, ...(instructions.importsFiles ? [sharedFile] : [])])]
  const instructionTarget = (path: string, reason?: string): InstructionTarget => ({
    path,
    ...(reason === undefined ? {} : { reason }),
    others: all.filter(other => !haveSameRealPath(join(project, other), join(project, path))),
  })
  const importingPath = instructions.importsFiles
    ? existing.find(path => importsFile(project, path, sharedFile))
    : undefined
  if (importingPath !== undefined && importingPath !== sharedFile)
    return instructionTarget(sharedFile, `${importingPath} imports it`)
  const [first = instructions.paths[0] ?? sharedFile] = [...existing, ...paths]
  const linkedPath = linkTarget(project, first)
  return linkedPath === undefined ? instructionTarget(first) : instructionTarget(first, `it is a link to ${linkedPath}`)
}

/** Instruction files that projects link to one another to share their text. */
const linkedFiles = ['CLAUDE.md', '.claude/CLAUDE.md', 'GEMINI.md', sharedFile]

/** True if an instruction file is a symbolic link to `target`. */
export const isLinkTarget = (project: string, target: string): boolean =>
  linkedFiles.some(path => {
    const fullPath = join(project, path)
    return tryStat(fullPath)?.isSymbolicLink() === true && haveSameRealPath(fullPath, target)
  })

/** The instruction files in the agent's settings, or its default ones; AGENTS.md first, as other agents read it too. */
const instructionPaths = (project: string, { paths, settings }: InstructionFiles): ReadonlyArray<string> => {
  if (settings === undefined) return paths
  const text = readText(join(project, settings.path)) ?? ''
  const names = settings.keyPaths.flatMap(keyPath => {
    const setting = readValue(text, keyPath)
    const value = E.isRight(setting) ? setting.right : undefined
    return (Array.isArray(value) ? value : [value]).filter(each => typeof each === 'string')
  })
  const projectPaths = names.map(normalize).filter(name => name !== '.' && !isAbsolute(name) && !name.startsWith('..'))
  if (projectPaths.length === 0) return paths
  return projectPaths.includes(sharedFile)
    ? [sharedFile, ...projectPaths.filter(name => name !== sharedFile)]
    : projectPaths
}

/** The import depth of Claude Code and Gemini CLI. */
const importDepthMax = 5

/** The number of imports checked per level: more than a project has, and each needs disk access. */
const importsMax = 100

/** True if `path` imports `targetPath`, directly or indirectly. */
const importsFile = (project: string, path: string, targetPath: string): boolean => {
  const root = realPath(project)
  const visited = new Set<string>()
  let files = [join(project, path)]
  for (let depth = 0; depth < importDepthMax; depth += 1) {
    const imports = files.flatMap(file => findImports(readText(file) ?? '').map(name => resolve(dirname(file), name)))
    const next = [...new Set(imports)].slice(0, importsMax)
    if (next.some(file => haveSameRealPath(file, join(project, targetPath)))) return true
    files = next.filter(file => !visited.has(file) && realPath(file).startsWith(root + sep))
    for (const file of files) visited.add(file)
  }
  return false
}

/** Finds the imports in a text: `@path` outside code and comments. */
export const findImports = (markdown: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let fence: string | undefined
  for (const line of stripComments(markdown).split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    // The replacement takes quadratic time; a line with an import is short.
    const isText = fence === undefined && mark === undefined && line.length < 4096
    if (isText) lines.push(line.replace(/(`+)(?!`).*?(?<!`)\1(?!`)/g, ' '))
    else if (mark === undefined) continue
    else if (fence === undefined) fence = mark
    else if (mark.startsWith(fence) && line.trim() === mark) fence = undefined
  }
  return [...lines.join('\n').matchAll(/(?:^|[\s(])@([^\s@`]+)/g)].flatMap(([, name = '']) => {
    const bare = name.replace(/[.,;:!?)*_"']+$/, '')
    return bare === '' || bare.startsWith('~') ? [] : [bare]
  })
}

const stripComments = (markdown: string): string => {
  const parts: Array<string> = []
  for (let offset = 0; ;) {
    const open = markdown.indexOf('<!--', offset)
    const close = open === -1 ? -1 : markdown.indexOf('-->', open)
    if (close === -1) return [...parts, markdown.slice(offset)].join(' ')
    parts.push(markdown.slice(offset, open))
    offset = close + '-->'.length
  }
}

/** The part of an instruction file that is searched. */
const textBytesMax = 1024 * 1024

/** undefined: the file cannot be read, which is reported when it is edited. */
const readText = (path: string): string | undefined => {
  try {
    return readPrefix(path, textBytesMax).toString()
  } catch {
    return undefined
  }
}

/** The target of a symbolic link, relative to the project folder; undefined: not a link, or a broken one. */
const linkTarget = (project: string, path: string): string | undefined => {
  const fullPath = join(project, path)
  if (tryStat(fullPath)?.isSymbolicLink() !== true || !existsSync(fullPath)) return undefined
  return relative(realPath(project), realPath(fullPath))
}

/** undefined: the path does not exist or is not accessible. */
const tryStat = (path: string): Stats | undefined => {
  try {
    return lstatSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const haveSameRealPath = (one: string, other: string): boolean => realPath(one) === realPath(other)

/** Resolves links; if the path does not exist, those of its nearest existing folder. */
const realPath = (path: string): string => {
  try {
    return realpathSync(path)
  } catch {
    return dirname(path) === path ? path : join(realPath(dirname(path)), relative(dirname(path), path))
  }
}
