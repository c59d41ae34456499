// The code that `den hook SHELL` prints: it activates a project's environment as one enters its directory and deactivates it as one
// leaves. It reads no script of the environment; the functions that enter and leave are those of the activation scripts, taken from
// the same files. The rule of what it trusts stands in docs/internals/activation.md.

import { assetTexts } from './assets.generated.ts'
import { hookTexts } from './hook-assets.generated.ts'
import { fishQuote, nuQuote, posixQuote, powershellQuote, xonshQuote } from './quote.ts'

export type HookShell = 'bash' | 'zsh' | 'sh' | 'fish' | 'nushell' | 'xonsh' | 'powershell'

interface HookTemplate {
  /** The activation script that holds the functions to enter and leave. */
  readonly core: string
  readonly quote: (text: string) => string
}

const templates: Readonly<Record<HookShell, HookTemplate>> = {
  bash: { core: 'activate', quote: posixQuote },
  zsh: { core: 'activate', quote: posixQuote },
  sh: { core: 'activate', quote: posixQuote },
  fish: { core: 'activate.fish', quote: fishQuote },
  nushell: { core: 'activate.nu', quote: nuQuote },
  xonsh: { core: 'activate.xsh', quote: xonshQuote },
  powershell: { core: 'Activate.ps1', quote: powershellQuote },
}

export const hookShells: readonly HookShell[] = ['bash', 'zsh', 'sh', 'fish', 'nushell', 'xonsh', 'powershell']

const otherNames: Readonly<Record<string, HookShell>> = {
  dash: 'sh',
  ash: 'sh',
  busybox: 'sh',
  ksh: 'sh',
  ksh93: 'sh',
  mksh: 'sh',
  yash: 'sh',
  nu: 'nushell',
  pwsh: 'powershell',
}

/** The hook's name of a shell: "dash" → "sh", "pwsh" → "powershell"; undefined for a shell that has no hook. */
export function hookShellOf(name: string): HookShell | undefined {
  return hookShells.find((shell) => shell === name) ?? (Object.hasOwn(otherNames, name) ? otherNames[name] : undefined)
}

/** The code for a shell. `registry` is the directory that names the environments den knows. */
export function hookScript(shell: HookShell, options: { readonly registry: string }): string {
  const { quote } = templates[shell]
  const parts: Readonly<Record<string, string>> = {
    CORE: sharedPart(shell, 'hook'),
    POSIX: hookTexts['hook/posix']!,
    REGISTRY: quote(options.registry),
  }
  // Parts hold the placeholder of the registry in their turn.
  const fill = (text: string, names: RegExp): string => text.replace(names, (_, name: string) => parts[name]!)
  return fill(fill(hookTexts[`hook/${shell}`]!, /^@(CORE|POSIX)@$/gm), /@(REGISTRY)@/g)
}

/** The start-up file that `den shell` has a shell read; what it enters stands in _DEN_SHELL_BIN and _DEN_SHELL_NAME. */
export function shellStartText(shell: HookShell): string {
  return hookTexts[`shell/${shell}`]!.replace(/^@CORE@$/m, () => sharedPart(shell, 'shell'))
}

/**
 * The functions of an activation script that enter and leave, between two marks there. A script forgets them when it is done, so
 * that those of a hook need names of their own.
 */
function sharedPart(shell: HookShell, owner: 'hook' | 'shell'): string {
  const text = assetTexts[`activate/${templates[shell].core}`]!
  const part = /^# >>> shared with the hook\n([\s\S]*?)^# <<< shared with the hook$/m.exec(text)![1]!
  return part.trimEnd().replace(/\b_den_(enter|title|clean)\b/g, `_den_${owner}_$1`)
}
