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
  isResourceError,
  resourceErrorMessage,
  toPrintableData,
  toPrintableJson,
} from '@claimlog/client/unstable-internals'
import type { AgentSession, Desk } from './agent-session.ts'
import { type Answer, answerDocument, type Document, problemDocument } from './answer.ts'
import type { ClaimNotice } from '@claimlog/wire'
import type { McpOptions, Problem } from './mcp-options.ts'
import { isNoError, problemOf } from './problems.ts'
import { registerResources, type Subscriptions } from './resources/register-resources.ts'
import type { Call, Tool, Work } from './tool.ts'
import { allTools } from './tools/index.ts'

/** The server's instructions for agents. */
const instructions =
  'A task queue shared by many workers; no task is handed out twice. claim_task, do the work, complete_task (or ' +
  'fail_task, release_task). Claims are renewed for you while this server runs. An answer with truncated: true has a ' +
  'cursor to continue. notices report claims that you lost: stop that work.'

/** Creates a server with the tools and resources, for one connection. */
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
      const content = [{ type: 'text' as const, text: toPrintableJson(document) }]
      // Clients pass either part to the model and serialize this one again, so its escapes must already be text.
      const structuredContent = toPrintableData(document) as Document
      return { content, structuredContent, ...(isError ? { isError } : {}) }
    })
  }
  registerResources(server, session, subscriptions)
  // A restarted agent may have claims, which must be renewed before its first call.
  server.server.oninitialized = () => {
    // The first call tries again and reports the error.
    session
      .desk(server.server.getClientVersion()?.name)()
      .catch(() => undefined)
  }
  return server
}

/** Leaves out defaults, as the model reads the annotations in every turn. */
const annotationsOf = ({ readOnly, idempotent }: Tool): ToolAnnotations =>
  readOnly
    ? { readOnlyHint: true, openWorldHint: false }
    : {
        readOnlyHint: false,
        destructiveHint: false,
        ...(idempotent ? { idempotentHint: true } : {}),
        openWorldHint: false,
      }

/** A schema for `tools/list` that accepts everything: invalid arguments get the same kind of answer as refusals. */
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

/** Adds `durability` to the answer if a power cut may revert the write. */
const withDurability = (replied: Replied, { durability }: McpOptions): Replied =>
  durability === undefined || replied.document.ok !== true
    ? replied
    : { ...replied, document: { ...replied.document, durability } }

type Replied = { readonly document: Document; readonly isError: boolean }

/** Creates the call for a tool. Progress is reported only if the client sent a progress token. */
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

/** The caller of a tool. */
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

/** A decoded call and its context. */
type Prepared = { readonly desk: Desk; readonly work: Work }

const atDesk = (desk: TE.TaskEither<Problem, Desk>, work: Work): TE.TaskEither<Problem, Prepared> =>
  pipe(
    desk,
    TE.bimap(problemOf, (there): Prepared => ({ desk: there, work })),
  )

/** Runs the call, then adds the notices. */
const carryOut = ({ desk, work }: Prepared, call: Call): T.Task<Replied> =>
  pipe(
    work(desk, call),
    T.bindTo('result'),
    T.bind('notices', () => noticesAt(desk)),
    T.map(({ result, notices }) => reply(result, notices)),
  )

const reply = (
  called: E.Either<Parameters<typeof problemOf>[0], Answer>,
  notices: ReadonlyArray<ClaimNotice>,
): Replied =>
  pipe(
    called,
    E.match(
      no => refused(problemOf(no), notices),
      answer => ({ document: answerDocument(answer, notices), isError: false }),
    ),
  )

const refused = (problem: Problem, notices: ReadonlyArray<ClaimNotice>): Replied => ({
  document: problemDocument(problem, notices),
  isError: !isNoError(problem),
})

/** Rethrows a defect. */
const machineRefusal = (thrown: unknown): Replied => {
  if (!isResourceError(thrown)) throw thrown
  return refused(resourceErrorMessage(thrown), [])
}

const noticesAt = ({ queue, claims }: Desk): T.Task<ReadonlyArray<ClaimNotice>> =>
  pipe(
    queue.query(state => claims.notices(state)),
    TE.getOrElse(() => T.of<ReadonlyArray<ClaimNotice>>([])),
  )
