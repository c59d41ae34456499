// Running the checks on one environment, or on the shell.

import { isDenError } from '../../base/error.ts'
import type { Interpreter } from '../../python/interpreter.ts'
import type { Environment } from '../environment.ts'
import type { EnvironmentCheck, Finding, Found, ShellCheck } from './check.ts'
import { checks } from './checks.ts'
import { type DoctorContext, examine } from './examination.ts'

/** Every finding about the environment. A check that is kept from reading something says so as a finding of its own. */
export async function diagnoseEnvironment(
  context: DoctorContext,
  environment: Environment,
  options: { readonly replacement?: Interpreter | undefined } = {},
): Promise<readonly Finding[]> {
  if (environment.problem?.code === 'unreadable') {
    return [
      {
        check: 'half-made',
        severity: 'error',
        what: environment.problem.text,
        why: 'nothing else can be said of it',
        fix: ['look at its owner and mode, or ask whoever made it'],
      },
    ]
  }
  const examination = examine(context, environment, options.replacement)
  const findings: Finding[] = []
  for (const check of checks) {
    if (check.scope === 'environment') findings.push(...(await guarded(check, () => check.run(examination))))
  }
  return findings
}

/** What the variables, PATH and settings of the shell do; `environment` is the one that is selected, if any. */
export async function diagnoseShell(
  context: DoctorContext,
  environment: Environment | undefined,
): Promise<readonly Finding[]> {
  const findings: Finding[] = []
  for (const check of checks) {
    if (check.scope === 'shell') findings.push(...(await guarded(check, () => check.run(context, environment))))
  }
  return findings
}

async function guarded(
  check: EnvironmentCheck | ShellCheck,
  run: () => readonly Found[] | Promise<readonly Found[]>,
): Promise<readonly Finding[]> {
  try {
    return (await run()).map((found) => ({ check: check.id, ...found }))
  } catch (error) {
    if (!isDenError(error, 'permission-denied', 'io-failed')) throw error
    return [
      {
        check: check.id,
        severity: 'warning',
        what: `not looked at: ${check.title}`,
        why: error.message,
        fix: [],
      },
    ]
  }
}
