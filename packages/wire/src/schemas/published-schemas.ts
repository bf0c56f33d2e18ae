import * as t from 'io-ts'
import type { JsonSchema } from '@claimlog/codecs'
import { eventCodecs } from '@claimlog/domain'
import { AgentAdd, AgentClaim, AgentEnd, AgentErrorOutput, AgentRenew } from '../documents/agent-result.ts'
import { AgentList, AgentContinuation, AgentTrace } from '../documents/agent-view.ts'
import {
  AddManyOutput,
  ClaimManyOutput,
  InitView,
  AddOutput,
  ClaimOutput,
  ClaimNextOutput,
  RulesOutput,
  TaskOutput,
  ReplayView,
  MigrateView,
  MoveView,
  VerifyView,
  WaitView,
} from '../documents/command-output.ts'
import { DiffView } from '../documents/diff.ts'
import { Diagnosis } from '../documents/doctor.ts'
import { ExplainedWhy } from '../documents/guard.ts'
import {
  CommandView,
  CompletionView,
  EnvironmentView,
  ExitCodesView,
  LogFormatView,
  ReferenceView,
  VersionView,
} from '../documents/help.ts'
import { ImportView } from '../documents/import.ts'
import { ListView } from '../documents/list.ts'
import { MetricsView } from '../documents/metrics.ts'
import { describeCodec } from '../documents/object.ts'
import { PrimeView } from '../documents/prime.ts'
import { ErrorOutput } from '../documents/error-output.ts'
import { QueueFileDocument } from '../documents/queue-file.ts'
import { ReconcileView } from '../documents/reconcile.ts'
import { RepairView } from '../documents/repair.ts'
import { SetupView, SetupAgentsView } from '../documents/setup.ts'
import { ExportView, ShowView } from '../documents/show.ts'
import { StatusOutput } from '../documents/status.ts'
import { TraceView } from '../documents/trace.ts'
import { WorkEvent } from '../documents/work-event.ts'
import { eventDescriptions } from '../event-descriptions.ts'
import { buildJsonSchema } from './json-schema.ts'

/** Raised when a change of a schema makes a valid document invalid. */
const schemasVersion = 1

const [first, second, ...further] = Object.values(eventCodecs) as unknown as [t.Any, t.Any, ...ReadonlyArray<t.Any>]

const EventCodec = describeCodec('one line of events.jsonl, and of claimlog tail', t.union([first, second, ...further]))

/** The rule that no codec of a single event has: only `opened` is line 1. */
const firstLine: JsonSchema = {
  type: 'object',
  if: { properties: { event: { const: 'opened' } } },
  then: { properties: { seq: { const: 1 } } },
  else: { properties: { seq: { not: { const: 1 } } } },
}

/** The published documents by name, each with its source and its codec. */
const publishedDocuments: Readonly<Record<string, readonly [title: string, codec: t.Any]>> = {
  event: ['events.jsonl', EventCodec],
  queue: ['queue.json, and claimlog replay --at SEQ --json', QueueFileDocument],
  problem: ['the error of any command', ErrorOutput],
  init: ['claimlog init', InitView],
  add: ['claimlog add <kind>', AddOutput],
  'add-many': ['claimlog add -', AddManyOutput],
  import: ['claimlog import', ImportView],
  claim: ['claimlog claim', ClaimOutput],
  'claim-count': ['claimlog claim --count N', ClaimManyOutput],
  task: ['claimlog complete, fail, renew, release, hold, unhold, cancel, retry, amend and note', TaskOutput],
  'claim-next': ['claimlog complete and fail with --claim-next', ClaimNextOutput],
  rules: ['claimlog pause, resume and limit', RulesOutput],
  wait: ['claimlog wait', WaitView],
  list: ['claimlog list --json', ListView],
  show: ['claimlog show --json', ShowView],
  status: ['claimlog status --json', StatusOutput],
  why: ['claimlog why --json', ExplainedWhy],
  trace: ['claimlog trace --json', TraceView],
  diff: ['claimlog diff --json', DiffView],
  replay: ['claimlog replay --json, with --check or without', ReplayView],
  migrate: ['claimlog migrate --print --json', MigrateView],
  move: ['claimlog move --json', MoveView],
  verify: ['claimlog verify --json', VerifyView],
  doctor: ['claimlog doctor --json', Diagnosis],
  repair: ['claimlog repair --json', RepairView],
  reconcile: ['claimlog reconcile --json', ReconcileView],
  export: ['claimlog export json', ExportView],
  metrics: ['claimlog metrics --json', MetricsView],
  prime: ['claimlog prime --json', PrimeView],
  setup: ['claimlog setup <agent> --json', SetupView],
  'setup-agents': ['claimlog setup --json', SetupAgentsView],
  completion: ['claimlog completion --json', CompletionView],
  help: ['claimlog help --json', ReferenceView],
  'help-command': ['claimlog help <command> --json', CommandView],
  'exit-codes': ['claimlog help exit-codes --json', ExitCodesView],
  environment: ['claimlog help environment --json', EnvironmentView],
  'log-format': ['claimlog help log-format --json', LogFormatView],
  version: ['claimlog --version --json', VersionView],
  'mcp-claim': ['the result of the tool claim_task', AgentClaim],
  'mcp-end': ['the result of the tools complete_task, fail_task and release_task', AgentEnd],
  'mcp-renew': ['the result of the tool renew_claim', AgentRenew],
  'mcp-add': ['the result of the tool add_tasks', AgentAdd],
  'mcp-list': ['the result of the tool list_tasks', AgentList],
  'mcp-trace': ['the result of the tool trace_task', AgentTrace],
  'mcp-read-on': ['the result of the tool trace_task with a cursor', AgentContinuation],
  'mcp-problem': ['the error of any tool', AgentErrorOutput],
  'work-event': ['a line of claimlog work --json', WorkEvent],
}

/** The published JSON Schemas, by file name without `.schema.json`. Each is self-contained. */
export const schemaDocuments = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries(publishedDocuments).map(([name, [title, codec]]) => {
      const { $defs, ...body } = buildJsonSchema(codec, eventDescriptions)
      const schema = {
        $schema: 'https://json-schema.org/draft/2020-12/schema',
        $id: `urn:claimlog:schema:${schemasVersion}:${name}`,
        title,
        ...body,
        ...(name === 'event' ? firstLine : {}),
        $defs,
      }
      return [name, schema]
    }),
  )

/** Formats a schema as the text of its file. */
export const schemaText = (schema: JsonSchema): string => `${JSON.stringify(schema, null, 2)}\n`
