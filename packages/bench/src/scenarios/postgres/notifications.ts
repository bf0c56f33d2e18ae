import type { BenchServer } from '../../processes/bench-server.ts'
import { withWorkers } from '../../processes/bench-workers.ts'
import type { Figure } from '../../report/figure.ts'
import { alternate, median, medianRatio } from '../../measure/measurement.ts'
import { withIdleWaiters } from '../../processes/idle-waiters.ts'
import { makeQueue } from '../../workspaces/queue-maker.ts'
import type { ScenarioContext } from '../scenario.ts'
import { serverScenario } from './server-scenario.ts'

const workspaces = 8

/** Claims and releases per second of one process per workspace, all together, with a waiting worker each and without. */
const measure = (
  { quick }: ScenarioContext,
  server: BenchServer,
): Promise<Readonly<Record<'waited' | 'alone', ReadonlyArray<number>>>> =>
  withWorkers({ contender: 'claimlog', syncing: 'synced', processes: workspaces }, async workers => {
    const places = Array.from({ length: workspaces }, () => server.newPlace('slow', 'claimlog'))
    for (const place of places) await makeQueue('claimlog', place, 10)
    await workers.openEach(places)
    const measureRate = async (ms: number): Promise<number> =>
      (await workers.work({ workload: 'hold', warmUpMs: 300, countMs: ms })).perSecond
    if (!quick) await measureRate(4000)
    const ms = quick ? 300 : 2500
    return alternate(quick ? 1 : 3, {
      alone: () => measureRate(ms),
      waited: () => withIdleWaiters(places, () => measureRate(ms)),
    })
  })

/** The price of notifications when several workspaces share a server whose flushes take time. */
export const serverNotifications = serverScenario({
  name: 'postgres-notifications',
  title: 'PostgreSQL, 2 ms a flush: 8 workspaces, one process each, with a waiting worker each and without',
  run: async (context, server) => {
    context.reportProgress('PostgreSQL: notifications of 8 workspaces')
    const { waited, alone } = await measure(context, server)
    const figure: Figure = {
      what: 'claims and releases, all together, a worker waits in each workspace',
      amount: { value: median(waited) * 2, unit: '/s' },
      baseline: { what: 'no worker waits', amount: { value: median(alone) * 2, unit: '/s' } },
      ratio: medianRatio(waited, alone),
      targets: ['pg-listeners'],
      data: { waited, alone },
    }
    return {
      figures: [figure],
      remarks: [
        'The workers wait for a kind of task that is never added; all are in one process. Each append wakes one of them, and it reads the new line, on the same two cores: this is included.',
      ],
    }
  },
})
