import { toPath } from './paths.mjs'

/**
 * Separate bundles that a worker's command need not load, each with the import that it replaces and its entry file: text for
 * people, shell completion, help, doctor, agent identity, importers, reconciliation, agent setup, MCP, exports, checkpoint, PostgreSQL.
 */
export const separateBundles = {
  render: ['/render/index.ts', '../cli/src/render/index.ts'],
  completion: ['/completion/index.ts', '../cli/src/completion/index.ts'],
  help: ['/help/index.ts', '../cli/src/help/index.ts'],
  export: ['@claimlog/exporters', '../exporters/src/index.ts'],
  doctor: ['@claimlog/doctor', '../doctor/src/index.ts'],
  identity: ['@claimlog/identity', '../identity/src/index.ts'],
  'import-files': ['@claimlog/importers/read-files', '../importers/src/read-files.ts'],
  reconcile: ['@claimlog/reconcile', '../reconcile/src/index.ts'],
  setup: ['@claimlog/agent-setup', '../agent-setup/src/index.ts'],
  mcp: ['@claimlog/mcp', '../mcp/src/index.ts'],
  postgres: ['/server-log.ts', '../client/src/log/server-log.ts'],
  checkpoint: ['@claimlog/checkpoint', '../checkpoint/src/index.ts'],
}

/** The entry point of one of them, as esbuild takes it. */
export const entryPoint = name => ({ [name]: toPath(separateBundles[name][1]) })
