import type { Agent } from './agent.ts'

/** Any other agent: most of them read AGENTS.md and can run shell commands. */
export const agentsMd: Agent = {
  name: 'agents-md',
  title: 'Any other agent (AGENTS.md)',
  detectPaths: { project: ['AGENTS.md'], home: [] },
  edits: [],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: ['If the agent supports MCP, add the server to its configuration: the command is claimlog mcp.'],
}
