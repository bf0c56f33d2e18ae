// Mutation tests of the code that implements the promises: each mutant changes one place, and a test must fail.
//
//   node test/mutation/run.mjs                                    the files named in `mutatedFiles` below
//   node test/mutation/run.mjs packages/domain/src/evolve/evolve.ts …    these files
//   node test/mutation/run.mjs --left                             only the mutants that survived the last run
//   node test/mutation/run.mjs --whole …                          with the long tests in full: a minute per mutant
//
// Prints the mutants that survived, and counts for each file; survivors.md explains why they break no promise.
//
// Stryker creates the mutants. It is not a dependency of the workspace, because it is large and nothing else uses it:
// the script installs it into the temporary directory, and runs it there on a copy, so that no file here changes.
import { spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

/**
 * Stryker is the newest version that runs on Node 20. `expect` is separate because Vitest's works only in its workers.
 */
const toolPackages = ['@stryker-mutator/core@9.6.1', 'expect@30.5.2', '@vitest/spy@4.1.12']

const mutatedFiles = [
  ...['evolve/evolve', 'evolve/transitions', 'state/state', 'state/task'].map(name => `packages/domain/src/${name}.ts`),
  'packages/domain/src/decide/**/!(*.test).ts',
  ...['commit/log-tail', 'commit/torn-tail', 'commit/group-commit', 'read/chain-reader', 'format/line'].map(
    name => `packages/event-log-file/src/${name}.ts`,
  ),
  ...['lock/file-lock', 'disk/log-file'].map(name => `packages/event-log-file/src/${name}.ts`),
]

/** Replacements that make long tests short in the copy; not applied with `--whole`. */
const shortenings = [
  ['packages/domain/src/properties.test.ts', '{ seed, numRuns }', '{ seed, numRuns: Math.ceil(numRuns / 100) }'],
  ['packages/wire/src/translate/trace-properties.test.ts', 'numRuns: 150', 'numRuns: 6'],
  ['packages/domain/src/values/names.test.ts', 'numRuns: 2000', 'numRuns: 100'],
  ['packages/domain/src/decide/add-tasks.test.ts', 'count = 10_000', 'count = 100'],
  ['packages/domain/src/decide/tasks/needs.test.ts', 'many = 10_000', 'many = 100'],
  ['packages/event-log-file/src/read/damage.test.ts', 'from += concurrency', 'from += 5 * concurrency'],
  [
    'packages/event-log-file/src/commit/torn-tail.test.ts',
    '{ length: whole.length - sound.length - 1 }',
    '{ length: 9 }',
  ],
]

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))
const scratch = join(tmpdir(), 'claimlog-mutation')
const tools = join(scratch, 'tools')
const copy = join(scratch, `copy-${process.pid}`)
const lastReport = join(scratch, 'report.json')
const testRunner = join('test', 'mutation', 'one-process-runner.mjs')

const install = () => {
  if (existsSync(join(tools, 'node_modules'))) return
  mkdirSync(tools, { recursive: true })
  writeFileSync(join(tools, 'package.json'), '{"private":true}\n')
  const flags = ['--no-save', '--no-audit', '--no-fund', '--loglevel=error']
  const { status } = spawnSync('npm', ['install', ...flags, ...toolPackages], { cwd: tools, stdio: 'inherit' })
  if (status !== 0) throw new Error(`npm could not install ${toolPackages.join(' and ')} into ${tools}`)
}

/** Copies a package with its tests and its build, which the tests start as processes, and links its dependencies. */
const copyPackage = (folder, { whole }) => {
  const isOwn = path => basename(path) !== 'node_modules'
  cpSync(join(root, folder), join(copy, folder), { recursive: true, filter: isOwn })
  symlinkSync(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'))
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'))
  cpSync(join(root, testRunner), join(copy, testRunner))
  writeFileSync(join(copy, 'package.json'), '{"type":"module"}\n')
  if (!whole) for (const change of shortenings.filter(([name]) => name.startsWith(folder))) shorten(...change)
}

const shorten = (name, long, short) => {
  const text = readFileSync(join(copy, name), 'utf8')
  if (!text.includes(long)) throw new Error(`${name} no longer contains ${long}: update the list \`shortenings\``)
  writeFileSync(join(copy, name), text.replaceAll(long, short))
}

/** Runs every mutant of `files`, all in the package in `folder`. Returns Stryker's report: the mutants by file. */
const runMutants = (folder, files, { whole }) => {
  const report = join(copy, 'report.json')
  const config = {
    mutate: files,
    plugins: [join(copy, testRunner)],
    testRunner: 'one-process',
    oneProcess: { tools, folder },
    coverageAnalysis: 'off',
    inPlace: true,
    concurrency: 1,
    reporters: ['json', 'progress-append-only'],
    jsonReporter: { fileName: report },
    warnings: { unknownOptions: false },
    timeoutMS: whole ? 60_000 : 10_000,
  }
  try {
    copyPackage(folder, { whole })
    writeFileSync(join(copy, 'stryker.config.json'), JSON.stringify(config))
    const stryker = join(tools, 'node_modules', '@stryker-mutator', 'core', 'bin', 'stryker.js')
    const { status } = spawnSync(process.execPath, [stryker, 'run'], { cwd: copy, stdio: 'inherit' })
    if (status !== 0) throw new Error(`Stryker failed with ${status}`)
    return JSON.parse(readFileSync(report, 'utf8')).files
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}

const isSurvivor = ({ status }) => status !== 'Killed' && status !== 'Timeout'

/** The position of a mutant as a Stryker argument; columns count from 0 there, but from 1 in reports. */
const formatPosition = (name, { location: { start, end } }) =>
  `${name}:${start.line}:${start.column - 1}-${end.line}:${end.column - 1}`

const lastSurvivors = () =>
  Object.entries(JSON.parse(readFileSync(lastReport, 'utf8'))).flatMap(([name, { mutants }]) =>
    mutants.filter(isSurvivor).map(mutant => formatPosition(name, mutant)),
  )

/** `line:column  original code  →  mutated code` */
const formatMutant = (source, { location: { start, end }, replacement }) => {
  const lines = source.split('\n').slice(start.line - 1, end.line)
  lines.push(lines.pop().slice(0, end.column - 1))
  lines.unshift(lines.shift().slice(start.column - 1))
  const oneLine = text => text.replaceAll(/\s+/g, ' ')
  return `${start.line}:${start.column}  ${oneLine(lines.join(' '))}  →  ${oneLine(replacement)}`
}

const printReport = (name, { source, mutants }) => {
  const count = status => mutants.filter(mutant => mutant.status === status).length
  const survivors = mutants.filter(isSurvivor)
  const figures = [`${mutants.length} mutants`, `${count('Killed')} killed`, `${count('Timeout')} timed out`]
  process.stdout.write(`\n${name}: ${figures.join(', ')}, ${survivors.length} survived\n`)
  for (const mutant of survivors) process.stdout.write(`  ${formatMutant(source, mutant)}\n`)
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { left: { type: 'boolean' }, whole: { type: 'boolean' } },
})
const whole = values.whole === true
const files = values.left ? lastSurvivors() : positionals.length > 0 ? positionals : mutatedFiles
const folders = new Set(files.map(file => file.split('/').slice(0, 2).join('/')))
install()
const reports = {}
for (const folder of folders)
  Object.assign(
    reports,
    runMutants(
      folder,
      files.filter(file => file.startsWith(`${folder}/`)),
      { whole },
    ),
  )
writeFileSync(lastReport, JSON.stringify(reports))
for (const [name, report] of Object.entries(reports)) printReport(name, report)
