import { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandEnvironment } from '@claimlog/command-runner'
import { toEnvironmentView } from './environment-topic.ts'

it('help lists exactly the variables that a command gets', () => {
  const context = {
    task: { id: 't', kind: 'k', status: 'ready' },
    claim: { worker: 'w', token: 1, attempt: 1, claimedAt: '', leaseUntil: null },
    signal: new AbortController().signal,
    progress: async () => undefined,
  } as const
  const variables = commandEnvironment(context, { log: { url: 'postgres://db/app', dir: '/d' }, resultPath: '/r' }, {})
  const setNames = Object.keys(variables).filter(name => variables[name] !== undefined)
  expect(toEnvironmentView(new Command()).given.map(({ name }) => name)).toEqual(setNames)
})
