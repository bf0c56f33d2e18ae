import type { Agent } from './agent.ts'

/** Any other agent: most read AGENTS.md, and run commands in a shell. */
export const agentsMd: Agent = {
  name: 'agents-md',
  title: 'Any other agent (AGENTS.md)',
  signs: { project: ['AGENTS.md'], home: [] },
  parts: [],
  instructions: { paths: ['AGENTS.md'], importsFiles: false },
  notes: ['An agent that speaks MCP is given the server by its own configuration: the command is claimlog mcp.'],
}
