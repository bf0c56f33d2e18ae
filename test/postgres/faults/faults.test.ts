import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { describeEachServer } from '../../../packages/event-log-postgres/testing/describe-each-server.ts'
import { selectCases } from '../../support/machine/select-cases.ts'
import { disturbanceKinds } from './disturbances.ts'
import { runFaults } from './fault-run.ts'
import { bundleWorker, removeWorkerBundle } from './workers.ts'

const root = join(import.meta.dirname, '../../..')

/** A few seconds per kind of fault; `npm run faults` runs longer, with all of them at once. */
describeEachServer(
  'five workers lose nothing and claim nothing twice',
  getCluster => {
    afterAll(() => removeWorkerBundle(root))
    it.each(selectCases(disturbanceKinds, 4))('while they meet: %s', async kind => {
      const program = bundleWorker(root)
      const seed = disturbanceKinds.indexOf(kind) + 1
      const { problems, claims, faults } = await runFaults({
        ...{ cluster: getCluster(), program, seed },
        ...{ seconds: 3, kinds: [kind] },
      })
      expect(problems).toEqual([])
      expect(claims).toBeGreaterThan(0)
      expect(faults[kind]).toBeGreaterThan(0)
    })
  },
  { settings: { max_connections: 30 }, isLong: true },
)
