import type { Agent } from './agent.ts'
import { agentsMd } from './agents-md.ts'
import { claudeCode } from './claude-code.ts'
import { codex } from './codex.ts'
import { cursor } from './cursor.ts'
import { gemini } from './gemini.ts'
import { vscode } from './vscode.ts'

/** All supported agents. */
export const agents: ReadonlyArray<Agent> = [claudeCode, codex, cursor, gemini, vscode, agentsMd]
