import { describe, expect } from 'vitest'
import { run } from '../support/claimlog-process.ts'
import { newWorkspace } from '../support/cli-workspace.ts'
import { itIfPossible, programMissing } from '../support/machine/it-if-possible.ts'
import { addHostileTasks } from './hostile-tasks.ts'
import { readOpenMetrics } from './openmetrics-text.ts'

/** The strict parser of the Prometheus client for Python; Debian has it as python3-prometheus-client. */
const module = 'prometheus_client.openmetrics.parser'
const pythons = ['python3', '/usr/bin/python3']
const python = pythons.find(each => programMissing(each, '-c', `import ${module}`) === undefined)
const skipReason = python === undefined ? `no Python here has ${module}` : undefined

const program = `
import json, sys
from ${module} import text_string_to_metric_families
families = text_string_to_metric_families(sys.stdin.read())
print(json.dumps([[f.name, f.type, [[s.name, s.labels, s.value] for s in f.samples]] for f in families]))
`

type PrometheusFamily = ReadonlyArray<readonly [name: string, type: string, samples: ReadonlyArray<unknown>]>

describe('Prometheus', () => {
  itIfPossible(skipReason)('reads the same values as the tests, for kinds of any name', async () => {
    const workspace = await newWorkspace()
    await addHostileTasks(workspace)
    await workspace.runOk(['claim', 'ann', 'docs'])
    const { stdout: text } = await workspace.run(['metrics'])
    const { status, stdout, stderr } = await run(python ?? '', ['-c', program], { cwd: workspace.cwd, input: text })
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
    const families = readOpenMetrics(text)
    expect((JSON.parse(stdout) as PrometheusFamily).map(([name, type, samples]) => ({ name, type, samples }))).toEqual(
      families.map(({ name, type, samples }) => ({
        name,
        type,
        samples: samples.map(sample => [sample.name, sample.labels, sample.value]),
      })),
    )
  })
})
