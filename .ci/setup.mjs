// Installs and builds if something has changed; a second run does neither. Requires only Node and npm.
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
/** Run through npx, so that it need not be installed. */
const packageManager = 'pnpm@12.21.0'

/** Runs a command. Its output is shown only if it fails, because compilers of native modules print a lot. */
const run = (command, args) => {
  try {
    execFileSync(command, args, { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (thrown) {
    process.stderr.write(`${thrown.stdout ?? ''}${thrown.stderr ?? ''}\n${command} ${args.join(' ')} failed\n`)
    process.exit(1)
  }
}

const listFiles = (dir, isIncluded) =>
  readdirSync(join(root, dir), { withFileTypes: true }).flatMap(entry => {
    const path = join(dir, entry.name)
    if (entry.isDirectory()) return ['node_modules', 'dist'].includes(entry.name) ? [] : listFiles(path, isIncluded)
    return isIncluded(path) ? [path] : []
  })

const fingerprint = files => {
  const hash = createHash('sha256').update(`${process.version} ${process.arch} ${packageManager}`)
  for (const file of files.sort()) hash.update(`${file}\0`).update(readFileSync(join(root, file)))
  return hash.digest('hex')
}

/** Runs `work` unless the stamp file records that it was done for the same files. */
const runIfChanged = (stampPath, files, work) => {
  const stamp = join(root, stampPath)
  const current = fingerprint(files)
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return
  rmSync(stamp, { force: true })
  work()
  writeFileSync(stamp, current)
}

const manifests = [
  'package.json',
  'pnpm-lock.yaml',
  'pnpm-workspace.yaml',
  ...listFiles('packages', path => path.endsWith('package.json')),
  'test/package.json',
]
runIfChanged('node_modules/.claimlog-installed', manifests, () => {
  process.stderr.write(`installing with ${packageManager} …\n`)
  run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'])
})

const sources = [
  'tsconfig.base.json',
  'tsconfig.build.json',
  'node_modules/.claimlog-installed',
  ...listFiles('packages', path => /\.(ts|mjs|cjs|json)$/.test(path) && !path.endsWith('.test.ts')),
]
runIfChanged('packages/claimlog/dist/.claimlog-built', sources, () => {
  process.stderr.write('building …\n')
  run(process.execPath, ['node_modules/typescript/bin/tsc', '--build', 'tsconfig.build.json'])
  run(process.execPath, ['packages/claimlog/build.mjs'])
})
