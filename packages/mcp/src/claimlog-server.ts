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
import type { AgentSession, ToolContext } from './agent-session.ts'
import { type ToolOutput, answerDocument, type AnswerDocument, errorDocument } from './answer.ts'
import type { ClaimNotice } from '@claimlog/wire'
import type { McpOptions, ToolError } from './mcp-options.ts'
import { isEmptyQueue, toToolError } from './tool-errors.ts'
import { registerResources, type Subscriptions } from './resources/register-resources.ts'
import type { ToolCall, Tool, ToolRun } from './tool.ts'
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
    const annotations = toolAnnotations(tool)
    server.registerTool(name, { description, inputSchema: passthroughSchema(tool), annotations }, async (args, ctx) => {
      const caller = { session, client: clientName(server, ctx), call: createCall(ctx) }
      const reply = await answerCall(tool, args, caller)().catch(toResourceErrorReply)
      const { document, isError } = tool.readOnly ? reply : withDurability(reply, options)
      const content = [{ type: 'text' as const, text: toPrintableJson(document) }]
      // Clients pass either part to the model and serialize this one again, so its escapes must already be text.
      const structuredContent = toPrintableData(document) as AnswerDocument
      return { content, structuredContent, ...(isError ? { isError } : {}) }
    })
  }
  registerResources(server, session, subscriptions)
  // A restarted agent may have claims, which must be renewed before its first call.
  server.server.oninitialized = () => {
    // The first call tries again and reports the error.
    session
      .context(server.server.getClientVersion()?.name)()
      .catch(() => undefined)
  }
  return server
}

/** Leaves out defaults, as the model reads the annotations in every turn. */
const toolAnnotations = ({ readOnly, idempotent }: Tool): ToolAnnotations =>
  readOnly
    ? { readOnlyHint: true, openWorldHint: false }
    : {
        readOnlyHint: false,
        destructiveHint: false,
        ...(idempotent ? { idempotentHint: true } : {}),
        openWorldHint: false,
      }

/** A schema for `tools/list` that accepts everything: invalid arguments get the same kind of answer as refusals. */
const passthroughSchema = ({ inputSchema }: Tool): StandardSchemaWithJSON => ({
  '~standard': {
    version: 1,
    vendor: 'claimlog',
    validate: value => ({ value }),
    jsonSchema: { input: () => inputSchema, output: () => inputSchema },
  },
})

const clientName = ({ server }: McpServer, { mcpReq }: ServerContext): string | undefined => {
  const envelope: Readonly<Record<string, unknown>> = mcpReq.envelope ?? {}
  const clientInfo = envelope[CLIENT_INFO_META_KEY] as { readonly name?: unknown } | undefined
  return typeof clientInfo?.name === 'string' ? clientInfo.name : server.getClientVersion()?.name
}

/** Adds `durability` to the answer if a power cut may revert the write. */
const withDurability = (toolReply: ToolReply, { durability }: McpOptions): ToolReply =>
  durability === undefined || toolReply.document.ok !== true
    ? toolReply
    : { ...toolReply, document: { ...toolReply.document, durability } }

type ToolReply = { readonly document: AnswerDocument; readonly isError: boolean }

/** Creates the call for a tool. Progress is reported only if the client sent a progress token. */
const createCall = ({ mcpReq }: ServerContext): ToolCall => {
  const { signal, notify, _meta } = mcpReq
  const progressToken = _meta?.progressToken
  let progress = 0
  return {
    signal,
    reportProgress: () => {
      if (progressToken === undefined) return
      progress += 1
      notify({ method: 'notifications/progress', params: { progressToken, progress } }).catch(() => undefined)
    },
  }
}

/** The caller of a tool. */
type ToolCaller = { readonly session: AgentSession; readonly client: string | undefined; readonly call: ToolCall }

const answerCall = (tool: Tool, args: unknown, { session, client, call }: ToolCaller): T.Task<ToolReply> =>
  pipe(
    TE.fromEither(tool.prepare(args)),
    TE.chain(run => prepareCall(session.context(client), run)),
    TE.matchE(
      error => T.of(toErrorReply(error, [])),
      prepared => runCall(prepared, call),
    ),
  )

/** A decoded call and its context. */
type PreparedCall = { readonly context: ToolContext; readonly run: ToolRun }

const prepareCall = (
  context: TE.TaskEither<ToolError, ToolContext>,
  run: ToolRun,
): TE.TaskEither<ToolError, PreparedCall> =>
  pipe(
    context,
    TE.bimap(toToolError, (toolContext): PreparedCall => ({ context: toolContext, run })),
  )

/** Runs the call, then adds the notices. */
const runCall = ({ context, run }: PreparedCall, call: ToolCall): T.Task<ToolReply> =>
  pipe(
    run(context, call),
    T.bindTo('result'),
    T.bind('notices', () => readNotices(context)),
    T.map(({ result, notices }) => toReply(result, notices)),
  )

const toReply = (
  result: E.Either<Parameters<typeof toToolError>[0], ToolOutput>,
  notices: ReadonlyArray<ClaimNotice>,
): ToolReply =>
  pipe(
    result,
    E.match(
      error => toErrorReply(toToolError(error), notices),
      answer => ({ document: answerDocument(answer, notices), isError: false }),
    ),
  )

const toErrorReply = (error: ToolError, notices: ReadonlyArray<ClaimNotice>): ToolReply => ({
  document: errorDocument(error, notices),
  isError: !isEmptyQueue(error),
})

/** Converts a resource error, such as too many open files, to a reply. Rethrows a defect. */
const toResourceErrorReply = (thrown: unknown): ToolReply => {
  if (!isResourceError(thrown)) throw thrown
  return toErrorReply(resourceErrorMessage(thrown), [])
}

const readNotices = ({ queue, claims }: ToolContext): T.Task<ReadonlyArray<ClaimNotice>> =>
  pipe(
    queue.query(state => claims.notices(state)),
    TE.getOrElse(() => T.of<ReadonlyArray<ClaimNotice>>([])),
  )
