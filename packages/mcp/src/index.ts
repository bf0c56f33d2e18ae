/** claimlog for coding agents: a server of the Model Context Protocol over stdio. */
export { serveMcp } from './serve-mcp.ts'
export type { McpOptions, Worker } from './mcp-options.ts'
