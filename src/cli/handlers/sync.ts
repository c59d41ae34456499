import type { EnvironmentChoices, LockChoices, LockUse, SyncProjectResult } from '../../commands/project-sync.ts'
import { variable } from '../../host/host.ts'
import { dryRun, linkMode } from '../options/common.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { resolutionChoices, upgrade, upgradePackage } from '../options/project-resolution.ts'
import { script } from '../options/project-script.ts'
import { partsRequest } from '../options/project-selection.ts'
import {
  active,
  check,
  frozen,
  inexact,
  locked,
  noEditable,
  noInstallPackage,
  noInstallProject,
  reinstall,
  reinstallPackage,
} from '../options/project-sync.ts'
import { defined, type Values } from '../options/values.ts'
import { renderSynced, renderSyncPlan } from '../render/sync.ts'

/** den sync */
export const handle: Handler = async ({ command, values, host, session, output, lasts }) => {
  const file = values.get(script)
  if (file !== undefined) {
    const isCheck = values.get(check) === true
    const made = await session.syncScript({
      ...resolutionChoices(values, 'den sync', host.now()),
      ...environmentRequest(values, 'den sync'),
      ...defined({ dryRun: isCheck || values.get(dryRun) === true ? true : undefined }),
      script: file,
    })
    const { outcome, version } = made.environment
    if (output.json) output.document(schemaOf(command), made)
    else if (outcome === 'planned') output.print(`${file} would get an environment, with Python ${version}`)
    else output.talk(`${file} has its environment, with Python ${version}`)
    return isCheck && outcome === 'planned' ? 1 : 0
  }
  const isCheck = values.get(check) === true
  const isPlan = isCheck || values.get(dryRun) === true
  const result = await session.sync({
    ...resolutionChoices(values, 'den sync', host.now()),
    ...environmentRequest(values, 'den sync'),
    ...defined({
      exact: values.get(inexact) === true ? false : undefined,
      environment: values.get(active) === true ? variable(host, 'VIRTUAL_ENV') || undefined : undefined,
      dryRun: isPlan ? true : undefined,
    }),
  })
  const isSame = isUnchanged(result)
  if (output.json) output.document(schemaOf(command), result)
  else if (isPlan) output.print(renderSyncPlan(result, host, output.style))
  else output.talk(() => renderSynced(result, host, output.talkStyle))
  if (isSame) await lasts()
  return isCheck && !isSame ? 1 : 0
}

/** Whether there was nothing to do, neither to the environment nor to the lock. */
export function isUnchanged({ changes, environment, lock }: SyncProjectResult): boolean {
  return (
    changes.length === 0 &&
    environment.outcome === 'kept' &&
    (lock.state === 'current' || lock.state === 'as it stands')
  )
}

/** What sync and run have in common. */
export function environmentRequest(values: Values, command: string): EnvironmentChoices & LockChoices {
  const lock: LockUse | undefined =
    values.get(frozen) === true ? 'frozen' : values.get(locked) === true ? 'locked' : undefined
  return defined({
    parts: partsRequest(values, command),
    lock,
    editable: values.get(noEditable) === true ? false : undefined,
    project: values.get(noInstallProject) === true ? false : undefined,
    without: values.get(noInstallPackage),
    reinstall: values.get(reinstall) === true ? (true as const) : values.get(reinstallPackage),
    // The option's choices are the modes.
    linkMode: values.get(linkMode) as EnvironmentChoices['linkMode'],
    upgrade: values.get(upgrade),
    upgradePackages: values.get(upgradePackage),
  })
}
