import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { formatLocation, iterateNodes, listShippedSources } from './source-files.ts'

/**
 * Pipelines belong at the edges: commands, tools, importers, set-up, doctor and the command runner, where the cost of a
 * step does not matter. The numbers are bounds to be tightened, not goals.
 */
const pipelinesMin = 170
const forwardedLeftsMax = 24
const earlyReturnsMax = 41
/** In commands, tools, importers and set-up. */
const forwardedLeftsAtEdgesMax = 0

const edges = /^packages\/(agent-setup|cli|command-runner|doctor|importers|mcp)\//
/** Folders without ladders of early returns. */
const pipelinesOnly = /^packages\/(agent-setup|cli\/src\/commands|importers|mcp\/src\/tools)\//

const isCall = (node: ts.Node, name: string): node is ts.CallExpression =>
  ts.isCallExpression(node) && node.expression.getText().replace(/^\w+\./, '') === name

/** Classifies what `if (isLeft(x)) return …` returns, with a block or without: the Left itself or something made from it. */
const classifyEarlyReturn = (node: ts.Node): 'the Left itself' | 'something else' | undefined => {
  if (!ts.isIfStatement(node) || !isCall(node.expression, 'isLeft')) return undefined
  const tested = node.expression.arguments[0]?.getText()
  const then = ts.isBlock(node.thenStatement) ? node.thenStatement.statements[0] : node.thenStatement
  if (tested === undefined || then === undefined || !ts.isReturnStatement(then)) return undefined
  const returned = then.expression?.getText()
  return returned === tested || returned === `E.left(${tested}.left)` ? 'the Left itself' : 'something else'
}

/** True for `Promise<Either<…>>`, which should be a TaskEither. */
const isPromiseOfEither = (type: ts.TypeNode | undefined): boolean =>
  type !== undefined && /^Promise<(E\.)?Either</.test(type.getText())

/** True for a function type, also of a member or a parameter, and for an exported function. */
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
  const nodes = listShippedSources().flatMap(path => [...iterateNodes(path)].map(node => ({ path, node })))

  it(`has at least ${pipelinesMin} pipelines at the edges`, () => {
    const pipelines = nodes.filter(({ path, node }) => edges.test(path) && isCall(node, 'pipe'))
    expect(pipelines.length).toBeGreaterThanOrEqual(pipelinesMin)
  })

  const earlyReturns = nodes.flatMap(({ node }) => {
    const returns = classifyEarlyReturn(node)
    return returns === undefined ? [] : [{ returns, location: formatLocation(node) }]
  })
  const forwardedLefts = earlyReturns
    .filter(({ returns }) => returns === 'the Left itself')
    .map(({ location }) => location)

  it(`returns early if there is a Left in at most ${earlyReturnsMax} places, and the Left itself in ${forwardedLeftsMax}`, () => {
    expect(forwardedLefts.length, forwardedLefts.join('\n')).toBeLessThanOrEqual(forwardedLeftsMax)
    expect(earlyReturns.length).toBeLessThanOrEqual(earlyReturnsMax)
  })

  it(`has at most ${forwardedLeftsAtEdgesMax} of them in commands, tools, importers and set-up`, () => {
    const atEdges = forwardedLefts.filter(location => pipelinesOnly.test(location))
    expect(atEdges.length, atEdges.join('\n')).toBeLessThanOrEqual(forwardedLeftsAtEdgesMax)
  })

  it('has one signature of asynchronous operations: TaskEither, in types and in what a file exports', () => {
    const promises = nodes.filter(({ node }) => isSignature(node) && isPromiseOfEither(node.type))
    expect(promises.map(({ node }) => formatLocation(node))).toEqual([])
  })
})
