import { DenError } from '../../base/error.ts'
import type { UpgradeRequest } from '../../commands/project-upgrade.ts'
import type { Invocation } from '../invocation.ts'
import { dryRun } from '../options/common.ts'
import type { Handler } from '../options/option.ts'
import { interactive, latest, noSync } from '../options/project-change.ts'
import { resolutionChoices } from '../options/project-resolution.ts'
import { defined } from '../options/values.ts'
import { tell } from './project-change.ts'

/** den upgrade [NAME…] */
export const handle: Handler = async (invocation) => {
  const { operands, values, host, session, output } = invocation
  const request: UpgradeRequest = {
    ...resolutionChoices(values, 'den upgrade', host.now()),
    ...defined({
      names: operands.length === 0 ? undefined : operands,
      latest: values.get(latest),
      dryRun: values.get(dryRun),
      sync: values.get(noSync) === true ? false : undefined,
    }),
  }
  if (values.get(interactive) !== true) return tell(invocation, await session.upgrade(request))
  const names = await chosenNames(invocation, request)
  if (names === undefined) throw new DenError('aborted', { operation: 'upgrade' })
  if (names.length === 0) {
    output.talk('nothing to change')
    return 0
  }
  return tell(invocation, await session.upgrade({ ...request, names }))
}

/** Asks which of what could be newer is to be; undefined where the question was turned down. */
async function chosenNames(
  { session, output }: Invocation,
  request: UpgradeRequest,
): Promise<readonly string[] | undefined> {
  if (!process.stdin.isTTY || !process.stderr.isTTY || output.json)
    throw new DenError('not-a-terminal', {
      option: '--interactive',
      instead: ['name what to upgrade: den upgrade NAME…', 'see what there is: den upgrade --dry-run'],
    })
  const { requirements, changes } = await session.upgrade({ ...request, dryRun: true })
  const asked = new Set(requirements.map(({ name }) => name))
  const choices = changes.filter(({ name }) => asked.has(name))
  if (choices.length === 0) return []
  const { isCancel, multiselect } = await import('@clack/prompts')
  const answer = await multiselect({
    message: 'Which are to be upgraded?',
    options: choices.map(({ name, before, after }) => ({
      value: name,
      label: name,
      hint: `${before.join(', ')} → ${after.join(', ')}`,
    })),
    initialValues: choices.map(({ name }) => name),
    required: false,
    output: process.stderr,
  })
  return isCancel(answer) ? undefined : answer
}
