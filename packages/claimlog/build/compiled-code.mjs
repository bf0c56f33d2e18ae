import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { toPath } from './paths.mjs'

const claimlog = (workspace, args, { input = '', keep = '', status = 0 } = {}) => {
  const result = spawnSync(process.execPath, [toPath('bin/claimlog.cjs'), ...args], {
    env: { ...process.env, CLAIMLOG_DIR: workspace, CLAIMLOG_KEEP_COMPILED: keep },
    input,
    stdio: ['pipe', 'ignore', status === 0 ? 'inherit' : 'ignore'],
  })
  if (result.status !== status) throw new Error(`claimlog ${args.join(' ')} exited with ${result.status}`)
}

const toUnreachable = ['--log', 'postgres://claimlog@127.0.0.1:1/none', '--lock-timeout', '0ms']

/**
 * Saves compiled code of the bundles, which later commands on the same Node load instead, by running commands on a
 * workspace with enough tasks to have the code for many tasks compiled as well.
 */
export const saveCompiledCode = () => {
  const workspace = mkdtempSync(join(tmpdir(), 'claimlog-build-'))
  try {
    claimlog(workspace, ['init', workspace])
    claimlog(workspace, ['add', '-'], { input: '{"kind": "docs"}\n'.repeat(300) })
    claimlog(workspace, ['claim', 'docs-worker', 'docs'], { keep: 'worker' })
    claimlog(workspace, ['hold', 'docs-9'], { keep: 'claimlog' })
    // Only a long log has a checkpoint: the first of these commands writes it, the second opens it.
    claimlog(workspace, ['add', '-'], { input: '{"kind": "docs"}\n'.repeat(5000) })
    claimlog(workspace, ['claim', 'docs-worker', 'docs'], { keep: 'checkpoint' })
    claimlog(workspace, ['trace', 'docs-9'], { keep: 'render' })
    // No server listens there.
    claimlog(workspace, ['claim', 'docs-worker', 'docs', ...toUnreachable], { keep: 'postgres', status: 1 })
  } finally {
    rmSync(workspace, { recursive: true })
  }
}
