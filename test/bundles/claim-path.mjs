// Lists our files and functions that a claim executes: node .ci/setup.mjs && node test/bundles/claim-path.mjs
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const root = fileURLToPath(new URL('../..', import.meta.url))
const claimlog = join(root, 'packages/claimlog/bin/claimlog.cjs')

/**
 * Runs the built `claimlog claim worker kind` on a workspace of a few tasks. Returns each of our source files of which
 * it called a function, with the names of these functions; the top-level code of a module does not count.
 *
 * @returns {ReadonlyMap<string, ReadonlyArray<string>>} the functions by path, from the root of the repository
 */
export const findClaimFiles = () => {
  const scratch = mkdtempSync(join(tmpdir(), 'claimlog-claim-path-'))
  try {
    const dir = join(scratch, 'workspace')
    run(['init', dir], dir)
    for (let task = 0; task < 3; task += 1) run(['add', 'docs'], dir)
    const scripts = recordCoverage(['claim', 'docs-worker', 'docs'], dir, join(scratch, 'coverage'))
    return findCalledFiles(scripts.filter(({ url }) => url.includes('/packages/claimlog/dist/')))
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

const run = (args, dir, environment = {}) => {
  const { NODE_V8_COVERAGE: _, ...inherited } = process.env
  const env = { ...inherited, CLAIMLOG_DIR: dir, ...environment }
  const { pid, status, stderr } = spawnSync(process.execPath, [claimlog, ...args], { env, encoding: 'utf8' })
  if (status !== 0) throw new Error(`claimlog ${args.join(' ')} ended with ${status}: ${stderr}`)
  return pid
}

/** The V8 coverage of each script in the process of a command; child processes do not count. */
const recordCoverage = (args, dir, folder) => {
  const pid = run(args, dir, { NODE_V8_COVERAGE: folder })
  const [name] = readdirSync(folder).filter(each => each.startsWith(`coverage-${pid}-`))
  return JSON.parse(readFileSync(join(folder, name), 'utf8')).result
}

const findCalledFiles = scripts => {
  const headersByPath = memoize(parseHeaders)
  const files = new Map()
  for (const { path, line, column } of scripts.flatMap(findCalledPositions)) {
    // The bundler's own functions are in no source, but the map gives them a position: that of the code before them.
    const header = headersByPath(path).findLast(
      ({ from, to }) => !precedes({ line, column }, from) && precedes({ line, column }, to),
    )
    if (header !== undefined) files.set(path, [...new Set(files.get(path)).add(header.name)])
  }
  return new Map([...files].sort(([a], [b]) => (a < b ? -1 : 1)))
}

const precedes = (one, other) => one.line < other.line || (one.line === other.line && one.column < other.column)

const memoize = compute => {
  const cache = new Map()
  return key => cache.get(key) ?? cache.set(key, compute(key)).get(key)
}

/** The source position of each function that was called, including those that the bundler generated. */
const findCalledPositions = ({ url, functions }) => {
  const bundle = fileURLToPath(url)
  // The bundle is ASCII: the bundler escapes all other characters.
  const text = readFileSync(bundle, 'latin1')
  const map = new SourceMap(JSON.parse(readFileSync(`${bundle}.map`, 'utf8')))
  const toPosition = positionFinder(text)
  // Node 20 wraps the bundle in the text of a function, which shifts all offsets.
  const end = Math.max(...functions.map(({ ranges }) => ranges[0].endOffset))
  const wrapperLength = end > text.length ? end - text.length - '\n})'.length : 0
  return functions.flatMap(({ ranges: [{ startOffset, count }] }) => {
    if (count === 0 || startOffset <= wrapperLength) return []
    const { line, column } = toPosition(startOffset - wrapperLength)
    const { originalSource, originalLine, originalColumn } = map.findEntry(line, column)
    if (originalSource === undefined || !/^\.\..*\.ts$/.test(originalSource) || originalSource.includes('node_modules'))
      return []
    return [{ path: relative(root, join(dirname(bundle), originalSource)), line: originalLine, column: originalColumn }]
  })
}

/** Returns a function from an offset in `text` to its line and column, both counted from 0. */
const positionFinder = text => {
  const starts = [0, ...[...text.matchAll(/\n/g)].map(({ index }) => index + 1)]
  return offset => {
    const line = starts.findLastIndex(start => start <= offset)
    return { line, column: offset - starts[line] }
  }
}

/** The start of each function of a source and of its body; outer functions come before inner ones. */
const parseHeaders = path => {
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.Latest, true)
  const headers = []
  const toPosition = offset => {
    const { line, character } = source.getLineAndCharacterOfPosition(offset)
    return { line, column: character }
  }
  const visit = node => {
    if (ts.isFunctionLike(node) && node.body !== undefined) {
      const from = toPosition(node.getStart())
      headers.push({
        from,
        to: toPosition(node.body.getStart()),
        name: functionName(node) ?? `the function of line ${from.line + 1}`,
      })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return headers
}

const functionName = ({ name, parent }) => {
  const nameNode =
    name ?? (ts.isVariableDeclaration(parent) || ts.isPropertyAssignment(parent) ? parent.name : undefined)
  return nameNode?.getText()
}

/** Formats a report: each package with the numbers of its files and functions, then its files with their functions. */
const formatReport = files => {
  const packages = new Map()
  for (const [path, names] of files) {
    const name = path.split('/')[1]
    packages.set(name, [...(packages.get(name) ?? []), { path, names }])
  }
  const formatCount = (entries, what) =>
    `${what}: ${entries.length} files, ${entries.flatMap(({ names }) => names).length} functions`
  const all = [...packages.values()].flat()
  return [
    ...[...packages].flatMap(([name, entries]) => [
      formatCount(entries, name),
      ...entries.map(({ path, names }) => `  ${path.split('/').slice(2).join('/')}: ${names.join(', ')}`),
    ]),
    formatCount(all, 'total'),
    '',
  ].join('\n')
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.stdout.write(formatReport(findClaimFiles()))
