/** claimlog for coding agents: a Model Context Protocol server over stdio. */
export { serveMcp } from './serve-mcp.ts'
export type { McpOptions, Worker } from './mcp-options.ts'
