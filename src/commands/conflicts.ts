// A requirement that is not met, as a sentence: pip's, since programs read it.

import type { CheckProblem } from './check.ts'

export function conflictSentence(problem: CheckProblem): string {
  switch (problem.kind) {
    case 'missing':
      return `${problem.project} ${problem.version} requires ${problem.requirement}, which is not installed.`
    case 'conflict':
      return `${problem.project} ${problem.version} requires ${problem.requirement}, but you have ${problem.name} ${problem.has} which is incompatible.`
    case 'unsupported':
      return `${problem.name} ${problem.version} is not supported on this platform`
    case 'unreadable':
      return `${problem.project} cannot be checked: ${problem.reason}`
  }
}
