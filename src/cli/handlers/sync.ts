import type { LockChoices, LockUse } from '../../commands/lock-choices.ts'
import type { EnvironmentChoices, SyncProjectResult } from '../../commands/project-sync.ts'
import { variable } from '../../host/host.ts'
import { dryRun, linkMode } from '../options/common.ts'
import { type Handler, type Option, schemaOf } from '../options/option.ts'
import { resolutionChoices, upgrade, upgradePackage } from '../options/project-resolution.ts'
import { refuseForScript, script } from '../options/project-script.ts'
import { partsRequest, selectionOptions } from '../options/project-selection.ts'
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
import { renderScriptPlan, renderSynced, renderSyncPlan } from '../render/sync.ts'

/** A script has no parts, and its environment is den's own. */
const onlyProjects: readonly Option[] = [
  inexact,
  ...selectionOptions,
  noEditable,
  noInstallProject,
  noInstallPackage,
  active,
  linkMode,
]

/** den sync */
export const handle: Handler = async ({ command, values, host, session, output, lasts }) => {
  const file = values.get(script)
  const isCheck = values.get(check) === true
  const isPlan = isCheck || values.get(dryRun) === true
  if (file !== undefined) {
    refuseForScript(values, 'den sync', onlyProjects)
    const { lock, reinstall: anew, upgrade: all, upgradePackages } = environmentRequest(values, 'den sync')
    const made = await session.syncScript({
      ...resolutionChoices(values, 'den sync', host.now()),
      ...defined({ lock, reinstall: anew, upgrade: all, upgradePackages, dryRun: isPlan ? true : undefined }),
      script: file,
    })
    if (output.json) output.document(schemaOf(command), made)
    else if (isPlan) output.print(renderScriptPlan(made, file, output.style))
    else output.talk(`${file} has its environment, with Python ${made.environment.version}`)
    return isCheck && (made.environment.outcome !== 'kept' || made.lock?.state === 'stale') ? 1 : 0
  }
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
