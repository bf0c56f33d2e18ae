import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactJson } from '@claimlog/codecs'
import { allTools } from '../../packages/mcp/src/tools/index.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { startAgent } from '../support/mcp-agent.ts'

const seed = 20_261_128

type Schema = {
  readonly type?: string
  readonly anyOf?: ReadonlyArray<Schema>
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: ReadonlyArray<string>
  readonly items?: Schema
  readonly enum?: ReadonlyArray<string>
  readonly minimum?: number
  readonly maximum?: number
}

/** A value that fits a schema, and the same value in another encoding that clients send. */
type Sent = { readonly plain: unknown; readonly odd: unknown }

const asText = (sent: fc.Arbitrary<Sent>): fc.Arbitrary<Sent> =>
  fc.tuple(sent, fc.boolean()).map(([{ plain, odd }, isText]) => ({ plain, odd: isText ? JSON.stringify(odd) : odd }))

const same = (values: fc.Arbitrary<unknown>): fc.Arbitrary<Sent> => values.map(plain => ({ plain, odd: plain }))

/** Texts that would have another type if they were parsed as JSON stay texts. */
const texts = fc.constantFrom('docs', 'null', 'true', '7', '[1]', '{}', '"a"', 'x'.repeat(60))

/** Values as they arrive over the wire; whole numbers that may have been rounded are refused. */
const anyJson = fc
  .json({ maxDepth: 3 })
  .map(text => JSON.parse(text) as unknown)
  .filter(value => value !== null && ExactJson.is(value) && !JSON.stringify(value).includes('-0'))

const sentFor = (name: string, schema: Schema): fc.Arbitrary<Sent> => {
  if (schema.anyOf !== undefined) return same(fc.oneof(anyJson, texts))
  if (schema.enum !== undefined) return same(fc.constantFrom(...schema.enum))
  if (schema.type === 'string') return same(name === 'cursor' ? fc.constant('7') : texts)
  if (schema.type === 'boolean') return asText(same(fc.boolean()))
  if (schema.type === 'integer')
    return asText(same(fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 9, 2 ** 31) })))
  if (schema.type === 'array')
    return asText(fc.array(sentFor(name, schema.items ?? {}), { maxLength: 3 }).map(items => together(items)))
  if (schema.properties === undefined)
    return asText(same(fc.dictionary(fc.string({ maxLength: 5 }), anyJson, { maxKeys: 3, noNullPrototype: true })))
  return asText(sentForObject(schema))
}

const together = (items: ReadonlyArray<Sent>): Sent => ({
  plain: items.map(({ plain }) => plain),
  odd: items.map(({ odd }) => odd),
})

const sentForObject = ({ properties = {}, required = [] }: Schema): fc.Arbitrary<Sent> => {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const sent = sentFor(name, schema).map((value): Sent | undefined => value)
    return required.includes(name)
      ? sent.map(value => [name, value] as const)
      : fc.option(sent, { nil: undefined }).map(value => [name, value] as const)
  })
  return fc.tuple(...fields).chain(entries =>
    fc.boolean().map(withNulls => {
      const said = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
      const nulls = entries.flatMap(([name, value]) =>
        value === undefined && withNulls ? [[name, null] as const] : [],
      )
      return {
        plain: Object.fromEntries(said.map(([name, { plain }]) => [name, plain])),
        odd: { ...Object.fromEntries(said.map(([name, { odd }]) => [name, odd])), ...Object.fromEntries(nulls) },
      }
    }),
  )
}

/** Parses the arguments of a tool. */
const readBy = (name: string, given: unknown): unknown => {
  const tool = allTools.find(each => each.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return tool.decode(given)
}

describe(`the arguments of a tool (seed ${seed})`, () => {
  it.each(allTools.map(({ name, inputSchema }) => [name, inputSchema as Schema] as const))(
    'of %s can be null, JSON in a text, or values as in the schema, with the same effect',
    (name, schema) => {
      fc.assert(
        fc.property(sentForObject(schema), ({ plain, odd }) => {
          const read = readBy(name, plain)
          expect(read).toMatchObject({ _tag: 'Right' })
          expect(readBy(name, odd)).toEqual(read)
        }),
        { seed, numRuns: 200 },
      )
    },
  )
})

describe('through the protocol', () => {
  it('a result is any JSON value, kept unchanged, and null is no result', async () => {
    const workspace = await newWorkspace()
    const agent = await startAgent({ ...workspace, words: ['--worker', 'ann'] })
    const results = ['done', '{"a": 1}', '7', 7, -1.5, true, [1, [2]], { a: null }, '', null]
    for (const result of results) {
      await workspace.done(['add', 'docs'])
      const { task } = await agent.call('claim_task', { kinds: '["docs"]', task_id: null, wait_s: '0' })
      const { id } = task as { readonly id: string }
      expect(await agent.call('complete_task', { task_id: id, result, next: 'false' })).toMatchObject({
        status: 'done',
      })
      expect(workspace.events().at(-1)?.result).toEqual(result ?? undefined)
    }
  })

  it('an argument of the wrong type is refused by name, and nothing is changed', async () => {
    const workspace = await newWorkspace()
    await workspace.done(['add', 'docs', 't'])
    const agent = await startAgent({ ...workspace, words: ['--worker', 'ann'] })
    const before = workspace.text('events.jsonl')
    for (const [given, message] of [
      [{ kinds: 'docs' }, /kinds must be/],
      [{ kinds: '["docs"' }, /kinds must be/],
      [{ kinds: '"[\\"docs\\"]"' }, /kinds must be/],
      [{ wait_s: '1e99' }, /wait_s must be/],
      [{ why: 'x' }, /unknown field "why"/],
      [{ task_id: 7 }, /task_id must be/],
      [{ task_id: ['t'] }, /task_id must be/],
      [{ kinds: '['.repeat(200_000) }, /kinds must be/],
    ] as const)
      expect(await agent.call('claim_task', given)).toMatchObject({
        error: 'bad_input',
        message: expect.stringMatching(message) as string,
      })
    expect(workspace.text('events.jsonl')).toBe(before)
    const claimed = await agent.call('claim_task', { why: null, _meta: { progressToken: 1 } })
    expect(claimed).toMatchObject({ ok: true, task: { id: 't' } })
  })
})
