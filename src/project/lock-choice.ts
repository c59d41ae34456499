// By which rule a lock's versions were chosen: what the manifest says of it and what was said to a command in its place, as the texts that
// stand in [tool.den.inputs] and [tool.den.chosen].

import type { TomlValue } from '../format/toml.ts'
import { normalizeName } from '../spec/name.ts'
import { kept, type LockInputs, sameValue, valueChange } from './lock-values.ts'
import type { Manifest } from './manifest.ts'

/** What a command line may say of choosing in place of the manifest. */
export type ResolutionChoice = Partial<
  Pick<
    Manifest['settings'],
    'excludeNewer' | 'excludeNewerAge' | 'prereleases' | 'strategy' | 'forkStrategy' | 'noBinary' | 'onlyBinary'
  >
>

export function choiceInputs(choice: ResolutionChoice): LockInputs {
  return kept({
    'exclude-newer': excludeNewerText(choice),
    prereleases: choice.prereleases,
    strategy: choice.strategy,
    'fork-strategy': choice.forkStrategy,
    'no-binary': choice.noBinary?.map(controlName).sort(),
    'only-binary': choice.onlyBinary?.map(controlName).sort(),
  })
}

/** What counts where nothing is said. */
const ordinary: LockInputs = { prereleases: 'if-asked', strategy: 'highest', 'fork-strategy': 'requires-python' }

/** How a lock was chosen, of both that its manifest and its command line said. */
interface Chosen {
  readonly inputs?: LockInputs | undefined
  readonly chosen?: LockInputs | undefined
}

/** Of what was said, what is not as the manifest has it: for the lock's notes. */
export function chosenInputs({ settings }: Pick<Manifest, 'settings'>, choice: ResolutionChoice): LockInputs {
  const inputs = choiceInputs(settings)
  return Object.fromEntries(
    Object.entries(choiceInputs(choice)).filter(([key, value]) => !sameChoice(key, inputs[key], value)),
  )
}

/** How the lock was chosen otherwise than is said now, a sentence each. What is not said may be as it was. */
export function choiceChanges({ inputs = {}, chosen = {} }: Chosen, choice: ResolutionChoice): readonly string[] {
  return Object.entries(choiceInputs(choice)).flatMap(([key, value]) => {
    const before = chosen[key] ?? inputs[key]
    return sameChoice(key, before, value) ? [] : [valueChange(key, before ?? ordinary[key], value)]
  })
}

/**
 * Whether versions are to be chosen by another rule than the lock's, so that those which it has say nothing: by what is said now, or by what
 * the manifest says since.
 */
export function choosesOtherwise(
  { inputs, chosen = {} }: Chosen,
  { settings }: Pick<Manifest, 'settings'>,
  choice: ResolutionChoice,
): boolean {
  const [said, settled] = [choiceInputs(choice), choiceInputs(settings)]
  return ['strategy', 'fork-strategy', 'prereleases'].some((key) => {
    const now = said[key] ?? settled[key]
    // Of another tool's lock nobody knows by which rule.
    const before = said[key] === undefined && inputs === undefined ? now : inputs?.[key]
    const rule = said[key] === undefined ? before : (chosen[key] ?? before)
    // Where fewer will do than before, those that will not do any more go by themselves.
    return !sameChoice(key, rule, now) && (key !== 'prereleases' || now === 'allow')
  })
}

function sameChoice(key: string, a: TomlValue | undefined, b: TomlValue | undefined): boolean {
  return sameValue(a ?? ordinary[key], b ?? ordinary[key])
}

/** What is said as an age is a new moment each time that it is read, and has not changed for that. */
function excludeNewerText({ excludeNewer, excludeNewerAge }: ResolutionChoice): string | undefined {
  if (excludeNewerAge !== undefined) return `${excludeNewerAge / (60 * 60 * 1000)} hours ago`
  return excludeNewer === undefined ? undefined : new Date(excludeNewer).toISOString()
}

function controlName(name: string): string {
  return name.startsWith(':') ? name : normalizeName(name)
}
