import { DenError } from '../../base/error.ts'
import type { CreateRequest, SeedChoice } from '../../commands/create.ts'
import type { Shell } from '../../env/activation.ts'
import { askedPython, dryRun, environmentName, linkMode, noSpawn, offline } from '../options/common.ts'
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
  withPackages,
  withRequirements,
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
    ...askedPython(values),
    spawn: values.get(noSpawn) === true ? false : undefined,
    systemSitePackages: values.get(systemSitePackages),
    copies: values.get(copies),
    relocatable: values.get(relocatable),
    prompt: values.get(prompt),
    existing:
      values.get(clear) === true ? ('clear' as const) : values.get(upgrade) === true ? ('upgrade' as const) : undefined,
    ...seedsOf(values.get(seed)),
    offline: values.get(offline),
    // The option's choices are the modes.
    linkMode: values.get(linkMode) as CreateRequest['linkMode'],
    shells: values.get(activators) as readonly Shell[] | undefined,
    ignoreFiles: values.get(noIgnoreFile) === true ? false : undefined,
    redirect: values.get(redirect) === true ? ('always' as const) : undefined,
    dryRun: values.get(dryRun),
    with: packagesOf(values),
  })
}

function packagesOf(values: Values): CreateRequest['with'] {
  const [packages, requirements] = [values.get(withPackages), values.get(withRequirements)]
  return packages === undefined && requirements === undefined
    ? undefined
    : defined({ packages, requirements, offline: values.get(offline) })
}

/** "none", "den", "pip", "pip==24.0", "setuptools": what to put in. Unless said it is den's pip, which no environment must have. */
function seedsOf(given: readonly string[] | undefined): Pick<CreateRequest, 'seeds' | 'seedsIfNew'> {
  if (given === undefined) return { seeds: { pip: 'den' }, seedsIfNew: true }
  const seeds: { -readonly [Name in keyof SeedChoice]: string } = {}
  for (const text of given) {
    if (text === 'none') continue
    const [, name, version] = text === 'den' ? [text, 'pip', 'den'] : (wheelWish.exec(text) ?? [])
    // One environment has one pip.
    const isSecond = name === 'pip' && seeds.pip !== undefined && seeds.pip !== (version ?? 'bundle')
    if (name === undefined || isSecond) {
      throw new DenError('bad-option-value', {
        source: '--seed',
        value: text,
        expected: isSecond
          ? 'one pip: den for den’s own, or pip for the real one'
          : 'none, den, pip, setuptools, wheel, or one of the last three with ==VERSION',
        command: 'den create',
        suggestions: [],
      })
    }
    seeds[name as keyof typeof seeds] = version ?? 'bundle'
  }
  return { seeds }
}

const wheelWish = /^(pip|setuptools|wheel)(?:==([\w.!+-]+))?$/
