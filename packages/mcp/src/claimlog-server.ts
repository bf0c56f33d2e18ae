import * as E from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as T from 'fp-ts/lib/Task.js'
import * as TE from 'fp-ts/lib/TaskEither.js'
import {
  CLIENT_INFO_META_KEY,
  McpServer,
  type ServerContext,
  type StandardSchemaWithJSON,
  type ToolAnnotations,
} from '@modelcontextprotocol/server'
import {
  isMachineTrouble,
  machineTroubleWords,
  printableData,
  printableJson,
} from '@claimlog/client/unstable-internals'
import type { AgentSession, Desk } from './agent-session.ts'
import { type Answer, answerDocument, type Document, problemDocument } from './answer.ts'
import type { Notice } from '@claimlog/wire'
import type { McpOptions, Problem } from './mcp-options.ts'
import { isNoError, problemOf } from './problems.ts'
import { registerResources, type Subscriptions } from './resources/register-resources.ts'
import type { Call, Tool, Work } from './tool.ts'
import { allTools } from './tools/index.ts'

/** What an agent is told of the server as a whole. */
const instructions =
  'One queue of tasks that many workers share; no task is handed out twice. claim_task, do the work, complete_task (or ' +
  'fail_task, release_task). Claims are renewed for you while this server runs. An answer with truncated: true has a ' +
  'cursor to read on. notices tell of claims that you have lost: drop that work.'

/** A server that does what its tools say, for one connection. */
export const claimlogServer = (options: McpOptions, session: AgentSession, subscriptions: Subscriptions): McpServer => {
  const server = new McpServer(
    { name: 'claimlog', version: options.version },
    {
      instructions,
      capabilities: { tools: { listChanged: false }, resources: { listChanged: false, subscribe: true } },
    },
  )
  for (const tool of allTools) {
    if (options.readOnly && !tool.readOnly) continue
    const { name, description } = tool
    const annotations = annotationsOf(tool)
    server.registerTool(name, { description, inputSchema: asItComes(tool), annotations }, async (given, ctx) => {
      const caller = { session, client: clientName(server, ctx), call: callOf(ctx) }
      const answered = await answerCall(tool, given, caller)().catch(machineRefusal)
      const { document, isError } = tool.readOnly ? answered : withDurability(answered, options)
      const content = [{ type: 'text' as const, text: printableJson(document) }]
      // Clients hand either part to a model, and write this one anew: only what is text by then is still an escape.
      const structuredContent = printableData(document) as Document
      return { content, structuredContent, ...(isError ? { isError } : {}) }
    })
  }
  registerResources(server, session, subscriptions)
  // An agent that was started anew has claims, which are renewed from now on and not from its first call.
  server.server.oninitialized = () => {
    // What stands in the way is said to the first call, which tries again.
    session
      .desk(server.server.getClientVersion()?.name)()
      .catch(() => undefined)
  }
  return server
}

/** What is so unless it is said otherwise is left out: all of it is read in every turn. */
const annotationsOf = ({ readOnly, idempotent }: Tool): ToolAnnotations =>
  readOnly
    ? { readOnlyHint: true, openWorldHint: false }
    : {
        readOnlyHint: false,
        destructiveHint: false,
        ...(idempotent ? { idempotentHint: true } : {}),
        openWorldHint: false,
      }

/** Says what a tool takes and lets everything through: what is wrong is answered as any other no is. */
const asItComes = ({ inputSchema }: Tool): StandardSchemaWithJSON => ({
  '~standard': {
    version: 1,
    vendor: 'claimlog',
    validate: value => ({ value }),
    jsonSchema: { input: () => inputSchema, output: () => inputSchema },
  },
})

const clientName = ({ server }: McpServer, { mcpReq }: ServerContext): string | undefined => {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  const said = envelope[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined
  return typeof said?.name === 'string' ? said.name : server.getClientVersion()?.name
}

/** What was written may be lost in a power cut, where that was agreed to. */
const withDurability = (replied: Replied, { durability }: McpOptions): Replied =>
  durability === undefined || replied.document.ok !== true
    ? replied
    : { ...replied, document: { ...replied.document, durability } }

type Replied = { readonly document: Document; readonly isError: boolean }

/** A call as tools know it. Whoever wants to hear that it is being worked on sends a token with it. */
const callOf = ({ mcpReq }: ServerContext): Call => {
  const { signal, notify, _meta } = mcpReq
  const progressToken = _meta?.progressToken
  let progress = 0
  return {
    signal,
    stillAtIt: () => {
      if (progressToken === undefined) return
      progress += 1
      notify({ method: 'notifications/progress', params: { progressToken, progress } }).catch(() => undefined)
    },
  }
}

/** Whoever calls a tool. */
type Caller = { readonly session: AgentSession; readonly client: string | undefined; readonly call: Call }

const answerCall = (tool: Tool, given: unknown, { session, client, call }: Caller): T.Task<Replied> =>
  pipe(
    TE.fromEither(tool.prepare(given)),
    TE.chain(work => atDesk(session.desk(client), work)),
    TE.matchE(
      problem => T.of(refused(problem, [])),
      prepared => carryOut(prepared, call),
    ),
  )

/** What is to be done, and where. */
type Prepared = { readonly desk: Desk; readonly work: Work }

const atDesk = (desk: TE.TaskEither<Problem, Desk>, work: Work): TE.TaskEither<Problem, Prepared> =>
  pipe(
    desk,
    TE.bimap(problemOf, there => ({ desk: there, work })),
  )

/** Does the work, and then looks what there is to tell beside. */
const carryOut = ({ desk, work }: Prepared, call: Call): T.Task<Replied> =>
  pipe(
    work(desk, call),
    T.bindTo('called'),
    T.bind('notices', () => noticesAt(desk)),
    T.map(({ called, notices }) => reply(called, notices)),
  )

const reply = (called: E.Either<Parameters<typeof problemOf>[0], Answer>, notices: ReadonlyArray<Notice>): Replied =>
  pipe(
    called,
    E.match(
      no => refused(problemOf(no), notices),
      answer => ({ document: answerDocument(answer, notices), isError: false }),
    ),
  )

const refused = (problem: Problem, notices: ReadonlyArray<Notice>): Replied => ({
  document: problemDocument(problem, notices),
  isError: !isNoError(problem),
})

/** A defect is thrown on. */
const machineRefusal = (thrown: unknown): Replied => {
  if (!isMachineTrouble(thrown)) throw thrown
  return refused(machineTroubleWords(thrown), [])
}

const noticesAt = ({ queue, claims }: Desk): T.Task<ReadonlyArray<Notice>> =>
  pipe(
    queue.query(state => claims.notices(state)),
    TE.getOrElse(() => T.of<ReadonlyArray<Notice>>([])),
  )
