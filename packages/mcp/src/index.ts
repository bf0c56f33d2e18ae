/** claimlog for coding agents: a Model Context Protocol server over stdio. */
export { serveMcp } from './serve-mcp.ts'
export type { McpOptions, AgentIdentity } from './mcp-options.ts'
