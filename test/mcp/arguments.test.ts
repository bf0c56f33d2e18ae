import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ExactJson } from '@claimlog/codecs'
import { allTools } from '../../packages/mcp/src/tools/index.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { startAgent } from '../support/mcp-agent.ts'

const seed = 20_261_128

type ArgumentSchema = {
  readonly type?: string
  readonly anyOf?: ReadonlyArray<ArgumentSchema>
  readonly properties?: Readonly<Record<string, ArgumentSchema>>
  readonly required?: ReadonlyArray<string>
  readonly items?: ArgumentSchema
  readonly enum?: ReadonlyArray<string>
  readonly minimum?: number
  readonly maximum?: number
}

/** A value that fits a schema, and the same value in another encoding that clients send. */
type EncodedValue = { readonly plain: unknown; readonly alternative: unknown }

const asText = (arbitrary: fc.Arbitrary<EncodedValue>): fc.Arbitrary<EncodedValue> =>
  fc.tuple(arbitrary, fc.boolean()).map(([{ plain, alternative }, isText]) => ({
    plain,
    alternative: isText ? JSON.stringify(alternative) : alternative,
  }))

const same = (values: fc.Arbitrary<unknown>): fc.Arbitrary<EncodedValue> =>
  values.map(plain => ({ plain, alternative: plain }))

/** Texts that would have another type if they were parsed as JSON stay texts. */
const texts = fc.constantFrom('docs', 'null', 'true', '7', '[1]', '{}', '"a"', 'x'.repeat(60))

/** Values as they arrive over the wire; whole numbers that may have been rounded are refused. */
const anyJson = fc
  .json({ maxDepth: 3 })
  .map(text => JSON.parse(text) as unknown)
  .filter(value => value !== null && ExactJson.is(value) && !JSON.stringify(value).includes('-0'))

const valuesOfSchema = (name: string, schema: ArgumentSchema): fc.Arbitrary<EncodedValue> => {
  if (schema.anyOf !== undefined) return same(fc.oneof(anyJson, texts))
  if (schema.enum !== undefined) return same(fc.constantFrom(...schema.enum))
  if (schema.type === 'string') return same(name === 'cursor' ? fc.constant('7') : texts)
  if (schema.type === 'boolean') return asText(same(fc.boolean()))
  if (schema.type === 'integer')
    return asText(same(fc.integer({ min: schema.minimum ?? 0, max: Math.min(schema.maximum ?? 9, 2 ** 31) })))
  if (schema.type === 'array')
    return asText(
      fc.array(valuesOfSchema(name, schema.items ?? {}), { maxLength: 3 }).map(items => combineItems(items)),
    )
  if (schema.properties === undefined)
    return asText(same(fc.dictionary(fc.string({ maxLength: 5 }), anyJson, { maxKeys: 3, noNullPrototype: true })))
  return asText(objectsOfSchema(schema))
}

const combineItems = (items: ReadonlyArray<EncodedValue>): EncodedValue => ({
  plain: items.map(({ plain }) => plain),
  alternative: items.map(({ alternative }) => alternative),
})

const objectsOfSchema = ({ properties = {}, required = [] }: ArgumentSchema): fc.Arbitrary<EncodedValue> => {
  const fields = Object.entries(properties).map(([name, schema]) => {
    const arbitrary = valuesOfSchema(name, schema).map((value): EncodedValue | undefined => value)
    return required.includes(name)
      ? arbitrary.map(value => [name, value] as const)
      : fc.option(arbitrary, { nil: undefined }).map(value => [name, value] as const)
  })
  return fc.tuple(...fields).chain(entries =>
    fc.boolean().map(withNulls => {
      const present = entries.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const]))
      const nulls = entries.flatMap(([name, value]) =>
        value === undefined && withNulls ? [[name, null] as const] : [],
      )
      return {
        plain: Object.fromEntries(present.map(([name, { plain }]) => [name, plain])),
        alternative: {
          ...Object.fromEntries(present.map(([name, { alternative }]) => [name, alternative])),
          ...Object.fromEntries(nulls),
        },
      }
    }),
  )
}

/** Parses the arguments of a tool. */
const parseArguments = (name: string, args: unknown): unknown => {
  const tool = allTools.find(each => each.name === name)
  if (tool === undefined) throw new Error(`no tool ${name}`)
  return tool.decode(args)
}

describe(`the arguments of a tool (seed ${seed})`, () => {
  it.each(allTools.map(({ name, inputSchema }) => [name, inputSchema as ArgumentSchema] as const))(
    'of %s can be null, JSON in a text, or values as in the schema, with the same effect',
    (name, schema) => {
      fc.assert(
        fc.property(objectsOfSchema(schema), ({ plain, alternative }) => {
          const read = parseArguments(name, plain)
          expect(read).toMatchObject({ _tag: 'Right' })
          expect(parseArguments(name, alternative)).toEqual(read)
        }),
        { seed, numRuns: 200 },
      )
    },
  )
})

describe('through the protocol', () => {
  it('a result is any JSON value, kept unchanged, and null is no result', async () => {
    const workspace = await newWorkspace()
    const agent = await startAgent({ ...workspace, args: ['--worker', 'ann'] })
    const results = ['done', '{"a": 1}', '7', 7, -1.5, true, [1, [2]], { a: null }, '', null]
    for (const result of results) {
      await workspace.runOk(['add', 'docs'])
      const { task } = await agent.call('claim_task', { kinds: '["docs"]', task_id: null, wait_s: '0' })
      const { id } = task as { readonly id: string }
      expect(await agent.call('complete_task', { task_id: id, result, next: 'false' })).toMatchObject({
        status: 'done',
      })
      expect(workspace.readEvents().at(-1)?.result).toEqual(result ?? undefined)
    }
  })

  it('an argument of the wrong type is refused by name, and nothing is changed', async () => {
    const workspace = await newWorkspace()
    await workspace.runOk(['add', 'docs', 't'])
    const agent = await startAgent({ ...workspace, args: ['--worker', 'ann'] })
    const before = workspace.readText('events.jsonl')
    for (const [args, message] of [
      [{ kinds: 'docs' }, /kinds must be/],
      [{ kinds: '["docs"' }, /kinds must be/],
      [{ kinds: '"[\\"docs\\"]"' }, /kinds must be/],
      [{ wait_s: '1e99' }, /wait_s must be/],
      [{ why: 'x' }, /unknown field "why"/],
      [{ task_id: 7 }, /task_id must be/],
      [{ task_id: ['t'] }, /task_id must be/],
      [{ kinds: '['.repeat(200_000) }, /kinds must be/],
    ] as const)
      expect(await agent.call('claim_task', args)).toMatchObject({
        error: 'bad_input',
        message: expect.stringMatching(message) as string,
      })
    expect(workspace.readText('events.jsonl')).toBe(before)
    const claimed = await agent.call('claim_task', { why: null, _meta: { progressToken: 1 } })
    expect(claimed).toMatchObject({ ok: true, task: { id: 't' } })
  })
})
