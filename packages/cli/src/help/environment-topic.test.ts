import { Command } from 'commander'
import { expect, it } from 'vitest'
import { commandEnvironment } from '@claimlog/command-runner'
import { environmentView } from './environment-topic.ts'

it('help lists exactly the variables that a command gets', () => {
  const held = {
    task: { id: 't', kind: 'k', status: 'ready' },
    claim: { worker: 'w', token: 1, attempt: 1, claimed_at: '', lease_until: null },
    signal: new AbortController().signal,
    progress: async () => undefined,
  } as const
  const variables = commandEnvironment(held, { dir: '/d', resultPath: '/r' }, {})
  const given = Object.keys(variables).filter(name => variables[name] !== undefined)
  expect(environmentView(new Command()).given.map(({ name }) => name)).toEqual(given)
})
