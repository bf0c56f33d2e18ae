import * as t from 'io-ts'
import type { JsonSchema } from '@claimlog/codecs'
import { eventCodecs } from '@claimlog/domain'
import { AgentAdd, AgentClaim, AgentEnd, AgentProblem, AgentRenew } from '../documents/agent-answer.ts'
import { AgentList, AgentReadOn, AgentTrace } from '../documents/agent-view.ts'
import {
  AddedTasks,
  ClaimedTasks,
  InitView,
  PrintedAdd,
  PrintedClaim,
  PrintedNext,
  PrintedRules,
  PrintedTask,
  ReplayView,
  VerifyView,
  WaitView,
} from '../documents/answer.ts'
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
import { named } from '../documents/object.ts'
import { PrimeView } from '../documents/prime.ts'
import { Problem } from '../documents/problem.ts'
import { QueueFile } from '../documents/queue-file.ts'
import { ReconcileView } from '../documents/reconcile.ts'
import { RepairView } from '../documents/repair.ts'
import { SetupView, SurveyView } from '../documents/setup.ts'
import { ExportView, ShowView } from '../documents/show.ts'
import { PrintedStatus } from '../documents/status.ts'
import { TraceView } from '../documents/trace.ts'
import { WorkEvent } from '../documents/work-event.ts'
import { eventMeanings } from '../event-meanings.ts'
import { jsonSchemaOf } from './json-schema.ts'

/** Raised when a change of a schema makes a valid document invalid. */
const schemasVersion = 1

const [first, second, ...further] = Object.values(eventCodecs) as unknown as [t.Any, t.Any, ...ReadonlyArray<t.Any>]

const EventCodec = named('one line of events.jsonl, and of claimlog tail', t.union([first, second, ...further]))

/** The rule that no codec of a single event has: only `opened` is line 1. */
const firstLine: JsonSchema = {
  type: 'object',
  if: { properties: { event: { const: 'opened' } } },
  then: { properties: { seq: { const: 1 } } },
  else: { properties: { seq: { not: { const: 1 } } } },
}

/** The published documents by name, each with its source and its codec. */
const published: Readonly<Record<string, readonly [title: string, codec: t.Any]>> = {
  event: ['events.jsonl', EventCodec],
  queue: ['queue.json, and claimlog replay --at SEQ --json', QueueFile],
  problem: ['the error of any command', Problem],
  init: ['claimlog init', InitView],
  add: ['claimlog add <kind>', PrintedAdd],
  'add-many': ['claimlog add -', AddedTasks],
  import: ['claimlog import', ImportView],
  claim: ['claimlog claim', PrintedClaim],
  'claim-count': ['claimlog claim --count N', ClaimedTasks],
  task: ['claimlog complete, fail, renew, release, hold, unhold, cancel, retry, amend and note', PrintedTask],
  'claim-next': ['claimlog complete and fail with --claim-next', PrintedNext],
  rules: ['claimlog pause, resume and limit', PrintedRules],
  wait: ['claimlog wait', WaitView],
  list: ['claimlog list --json', ListView],
  show: ['claimlog show --json', ShowView],
  status: ['claimlog status --json', PrintedStatus],
  why: ['claimlog why --json', ExplainedWhy],
  trace: ['claimlog trace --json', TraceView],
  diff: ['claimlog diff --json', DiffView],
  replay: ['claimlog replay --json, with --check or without', ReplayView],
  verify: ['claimlog verify --json', VerifyView],
  doctor: ['claimlog doctor --json', Diagnosis],
  repair: ['claimlog repair --json', RepairView],
  reconcile: ['claimlog reconcile --json', ReconcileView],
  export: ['claimlog export json', ExportView],
  metrics: ['claimlog metrics --json', MetricsView],
  prime: ['claimlog prime --json', PrimeView],
  setup: ['claimlog setup <agent> --json', SetupView],
  'setup-agents': ['claimlog setup --json', SurveyView],
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
  'mcp-read-on': ['the result of the tool trace_task with a cursor', AgentReadOn],
  'mcp-problem': ['the error of any tool', AgentProblem],
  'work-event': ['a line of claimlog work --json', WorkEvent],
}

/** The published JSON Schemas, by file name without `.schema.json`. Each is self-contained. */
export const schemaDocuments = (): Readonly<Record<string, JsonSchema>> =>
  Object.fromEntries(
    Object.entries(published).map(([name, [title, codec]]) => {
      const { $defs, ...body } = jsonSchemaOf(codec, eventMeanings)
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
