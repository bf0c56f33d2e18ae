import { makeGuardedFolder } from '../../packages/event-log-postgres/testing/guarded-folder.ts'
import { templatesVariable } from '../../packages/event-log-postgres/testing/initialise-cluster.ts'

/** Gives a test run a folder for new PostgreSQL clusters, which test files copy instead of running `initdb` each. */
export default (): (() => Promise<void>) => {
  const folder = makeGuardedFolder('none')
  process.env[templatesVariable] = folder.path
  return () => folder.dispose()
}
