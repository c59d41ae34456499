// A process of its own that makes one environment: for tests that kill it, or run many. The words are one JSON argument; DEN_TEST_FAULT
// is honoured by the default host. Prints the outcome, or the error's code.

import { isDenError } from '../../src/base/error.ts'
import { createEnvironment } from '../../src/env/create.ts'
import { defaultHost } from '../../src/host/default-host.ts'
import type { Interpreter } from '../../src/python/interpreter.ts'

export interface ChildRequest {
  readonly root: string
  readonly interpreter: Interpreter
  readonly existing: 'refuse' | 'clear' | 'reuse' | 'upgrade'
  readonly journal: string
  readonly cwd: string
  readonly prompt?: string
}

const request = JSON.parse(process.argv[2]!) as ChildRequest
const { root, interpreter, existing, journal, cwd, prompt } = request
try {
  const { outcome } = await createEnvironment(
    { host: defaultHost({ cwd }), report: () => undefined },
    { root, interpreter, existing, journal, settings: prompt === undefined ? {} : { prompt }, ignoreFiles: true },
  )
  process.stdout.write(outcome)
} catch (error) {
  if (!isDenError(error)) throw error
  process.stdout.write(error.code)
}
