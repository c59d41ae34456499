import { type CheckProblem, check } from '../../../../commands/check.ts'
import type { PipHandler } from '../context.ts'

/** pip check */
export const handle: PipHandler = async (context) => {
  const { problems } = await check(context.core, context.environment)
  context.lasts()
  if (context.json) {
    context.answer({ problems })
    return problems.length > 0 ? 1 : 0
  }
  for (const problem of problems) {
    if (problem.kind === 'unreadable')
      context.warn(`Error parsing dependencies of ${problem.project}: ${problem.reason}`)
    else context.say(checkLine(problem))
  }
  if (problems.length > 0) return 1
  context.say('No broken requirements found.')
  return 0
}

/** One problem in pip's words. */
export function checkLine(problem: Exclude<CheckProblem, { kind: 'unreadable' }>): string {
  const { version } = problem
  switch (problem.kind) {
    case 'missing':
      return `${problem.project} ${version} requires ${problem.name}, which is not installed.`
    case 'conflict':
      return `${problem.project} ${version} has requirement ${problem.requirement}, but you have ${problem.name} ${problem.has}.`
    case 'unsupported':
      return `${problem.name} ${version} is not supported on this platform`
  }
}
