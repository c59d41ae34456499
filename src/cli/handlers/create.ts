import { DenError } from '../../base/error.ts'
import type { CreateRequest, SeedChoice } from '../../commands/create.ts'
import type { Shell } from '../../env/activation.ts'
import { dryRun, environmentName, linkMode, noSpawn, offline, python } from '../options/common.ts'
import {
  activators,
  clear,
  copies,
  noIgnoreFile,
  prompt,
  redirect,
  relocatable,
  seed,
  systemSitePackages,
  upgrade,
} from '../options/environments.ts'
import { type Handler, schemaOf } from '../options/option.ts'
import { defined, type Values } from '../options/values.ts'
import { renderCreated, renderPlans } from '../render/create.ts'

/** den create [PATH]… */
export const handle: Handler = async ({ command, operands, values, host, session, output }) => {
  const name = values.get(environmentName)
  if (name !== undefined && operands.length > 0) {
    throw new DenError('options-conflict', { first: '--name', second: operands[0]!, command: 'den create' })
  }
  const result = await session.create(requestOf(values, operands))
  if (output.json) output.document(schemaOf(command), result)
  else if (values.get(dryRun) === true) output.print(renderPlans(result, host, output.style))
  else output.talk(() => renderCreated(result, host, output.talkStyle))
  return 0
}

function requestOf(values: Values, operands: readonly string[]): CreateRequest {
  const isNamed = values.get(environmentName) !== undefined
  return defined({
    paths: operands.length === 0 ? undefined : operands,
    name: isNamed ? values.get(environmentName) : undefined,
    python: values.get(python),
    spawn: values.get(noSpawn) === true ? false : undefined,
    systemSitePackages: values.get(systemSitePackages),
    copies: values.get(copies),
    relocatable: values.get(relocatable),
    prompt: values.get(prompt),
    existing:
      values.get(clear) === true ? ('clear' as const) : values.get(upgrade) === true ? ('upgrade' as const) : undefined,
    seeds: seedsOf(values.get(seed)),
    offline: values.get(offline),
    // The option's choices are the modes.
    linkMode: values.get(linkMode) as CreateRequest['linkMode'],
    shells: values.get(activators) as readonly Shell[] | undefined,
    ignoreFiles: values.get(noIgnoreFile) === true ? false : undefined,
    redirect: values.get(redirect) === true ? ('always' as const) : undefined,
    dryRun: values.get(dryRun),
  })
}

/** "none", "pip", "pip==24.0", "setuptools": what to put in. */
function seedsOf(given: readonly string[] | undefined): SeedChoice | undefined {
  if (given === undefined) return undefined
  const seeds: { pip?: string; setuptools?: string; wheel?: string } = {}
  for (const text of given) {
    if (text === 'none') continue
    const [, name, version] = /^(pip|setuptools|wheel)(?:==([\w.!+-]+))?$/.exec(text) ?? []
    if (name === undefined) {
      throw new DenError('bad-option-value', {
        source: '--seed',
        value: text,
        expected: 'none, pip, setuptools, wheel, or one of these with ==VERSION',
        command: 'den create',
        suggestions: [],
      })
    }
    seeds[name as keyof typeof seeds] = version ?? 'bundle'
  }
  return seeds
}
