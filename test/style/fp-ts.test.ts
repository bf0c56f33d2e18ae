import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { nodesOf, placeOf, shippedSources } from './source-files.ts'

/**
 * Pipelines belong at the edges: commands, tools, importers, set-up, doctor and the runner of commands. There a step
 * costs nothing that anybody notices. The numbers are bounds to be tightened, not aims.
 */
const pipelinesMin = 170
const handedOnMax = 24
const earlyReturnsMax = 41
/** In commands, tools, importers and set-up. */
const handedOnAtEdgesMax = 0

const edges = /^packages\/(agent-setup|cli|command-runner|doctor|importers|mcp)\//
/** No ladder of early returns here. */
const pipelinesOnly = /^packages\/(agent-setup|cli\/src\/commands|importers|mcp\/src\/tools)\//

const isCallOf = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && node.expression.getText().replace(/^\w+\./, '') === name

/** What `if (isLeft(x)) return …` returns, with a block or without: the Left itself, or something that is made of it. */
const earlyReturnOf = (node: ts.Node): 'the Left itself' | 'something else' | undefined => {
  if (!ts.isIfStatement(node) || !isCallOf(node.expression, 'isLeft')) return undefined
  const tested = node.expression.arguments[0]?.getText()
  const then = ts.isBlock(node.thenStatement) ? node.thenStatement.statements[0] : node.thenStatement
  if (tested === undefined || then === undefined || !ts.isReturnStatement(then)) return undefined
  const returned = then.expression?.getText()
  return returned === tested || returned === `E.left(${tested}.left)` ? 'the Left itself' : 'something else'
}

/** A promise of an Either, where a TaskEither is meant. */
const isPromiseOfEither = (type: ts.TypeNode | undefined): boolean =>
  type !== undefined && /^Promise<(E\.)?Either</.test(type.getText())

/** A type that names functions, those of a member or a parameter among them; or a function that a file exports. */
const isSignature = (node: ts.Node): node is ts.SignatureDeclaration => {
  if (ts.isFunctionTypeNode(node) || ts.isMethodSignature(node) || ts.isCallSignatureDeclaration(node)) return true
  if (ts.isFunctionDeclaration(node)) return isExported(node)
  const statement = node.parent?.parent?.parent
  return (
    ts.isArrowFunction(node) && statement !== undefined && ts.isVariableStatement(statement) && isExported(statement)
  )
}

const isExported = (node: ts.HasModifiers): boolean =>
  node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword) === true

describe('the use of fp-ts', () => {
  const nodes = shippedSources().flatMap(path => [...nodesOf(path)].map(node => ({ path, node })))

  it(`has at least ${pipelinesMin} pipelines at the edges`, () => {
    const pipelines = nodes.filter(({ path, node }) => edges.test(path) && isCallOf(node, 'pipe'))
    expect(pipelines.length).toBeGreaterThanOrEqual(pipelinesMin)
  })

  const earlyReturns = nodes.flatMap(({ node }) => {
    const returns = earlyReturnOf(node)
    return returns === undefined ? [] : [{ returns, place: placeOf(node) }]
  })
  const handedOn = earlyReturns.filter(({ returns }) => returns === 'the Left itself').map(({ place }) => place)

  it(`returns early if there is a Left in at most ${earlyReturnsMax} places, and the Left itself in ${handedOnMax}`, () => {
    expect(handedOn.length, handedOn.join('\n')).toBeLessThanOrEqual(handedOnMax)
    expect(earlyReturns.length).toBeLessThanOrEqual(earlyReturnsMax)
  })

  it(`has at most ${handedOnAtEdgesMax} of them in commands, tools, importers and set-up`, () => {
    const atEdges = handedOn.filter(place => pipelinesOnly.test(place))
    expect(atEdges.length, atEdges.join('\n')).toBeLessThanOrEqual(handedOnAtEdgesMax)
  })

  it('has one signature of asynchronous operations: TaskEither, in types and in what a file exports', () => {
    const promises = nodes.filter(({ node }) => isSignature(node) && isPromiseOfEither(node.type))
    expect(promises.map(({ node }) => placeOf(node))).toEqual([])
  })
})
