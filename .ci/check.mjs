// The gate: format, lint, types, layers, cycles, unused exports, all tests. Prints `N passed, N failed`.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const scratch = mkdtempSync(join(tmpdir(), 'claimlog-check-'))
const report = join(scratch, 'tests.json')

const steps = [
  ['format', 'prettier', ['--check', '--log-level', 'warn', '.']],
  ['lint', 'eslint', ['--max-warnings', '0', '.']],
  ['types', 'tsc', ['--project', 'tsconfig.test.json']],
  [
    'layers and cycles',
    'depcruise',
    ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', 'packages', 'scripts', 'test'],
  ],
  ['unused exports', 'knip', ['--no-progress']],
  [
    'tests',
    'vitest',
    ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...process.argv.slice(2)],
  ],
]

let passed = 0
let failed = 0
for (const [title, command, args] of steps) {
  process.stdout.write(`\n── ${title}\n`)
  const startedAt = Date.now()
  const { status } = spawnSync(join(root, 'node_modules', '.bin', command), args, { cwd: root, stdio: 'inherit' })
  process.stdout.write(
    `${title}: ${status === 0 ? 'ok' : 'FAILED'} (${Math.round((Date.now() - startedAt) / 1000)} s)\n`,
  )
  if (title === 'tests') {
    const { numPassedTests = 0, numFailedTests = 0, success = false } = readReport(report)
    passed += numPassedTests
    failed += numFailedTests
    // A file that could not even be loaded has no failed test to count.
    if (!success && numFailedTests === 0) failed += 1
  } else if (status === 0) passed += 1
  else failed += 1
}

function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    return {}
  }
}

rmSync(scratch, { recursive: true })
process.stdout.write(`\n${passed} passed, ${failed} failed\n`)
process.exitCode = failed === 0 ? 0 : 1
