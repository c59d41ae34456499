// Activation scripts: real files from assets/activate, one a shell. Values enter in a single pass, each as a literal of that shell
// (quote.ts); where the shell can tell a script its own place, no path enters at all, so that a moved environment is still right.
// docs/internals/activation.md says what each shell can tell.

import { DenError } from '../base/error.ts'
import type { Interpreter } from '../python/interpreter.ts'
import { assetTexts } from './assets.generated.ts'
import type { EnvironmentPaths, PlanEntry } from './plan.ts'
import {
  batchQuote,
  cshQuote,
  fishQuote,
  nuQuote,
  posixQuote,
  powershellQuote,
  pythonQuote,
  xonshQuote,
} from './quote.ts'

/** The shells that scripts are written for; `bash` is every POSIX shell, `csh` tcsh as well, `python` activate_this.py. */
export type Shell = 'bash' | 'fish' | 'csh' | 'powershell' | 'batch' | 'nushell' | 'xonsh' | 'python'

export interface ActivationOptions {
  /** The root, absolute, where the environment will be. */
  readonly root: string
  readonly paths: EnvironmentPaths
  /** The platform the environment is for. */
  readonly platform: Interpreter['platform']
  /** The name to show; worked out from the directory's when the script is read if absent. */
  readonly prompt?: string
  /** No script holds the environment's path, not even as the last resort of a shell that can't tell where a script is. */
  readonly relocatable?: boolean
  /** All that the platform has unless said. */
  readonly shells?: readonly Shell[]
}

interface Template {
  readonly shell: Shell
  /** The name in the scripts directory, and under assets/activate. */
  readonly name: string
  readonly quote: (text: string) => string
  readonly on: 'all' | 'posix' | 'windows'
  /** To be typed as a program by mistake, it says what to type instead; hence it may be executed. */
  readonly executable?: boolean
}

const templates: readonly Template[] = [
  { shell: 'bash', name: 'activate', quote: posixQuote, on: 'all', executable: true },
  { shell: 'fish', name: 'activate.fish', quote: fishQuote, on: 'all' },
  { shell: 'csh', name: 'activate.csh', quote: cshQuote, on: 'posix' },
  { shell: 'powershell', name: 'Activate.ps1', quote: powershellQuote, on: 'all' },
  { shell: 'batch', name: 'activate.bat', quote: batchQuote, on: 'windows' },
  { shell: 'batch', name: 'deactivate.bat', quote: batchQuote, on: 'windows' },
  { shell: 'nushell', name: 'activate.nu', quote: nuQuote, on: 'all' },
  { shell: 'xonsh', name: 'activate.xsh', quote: xonshQuote, on: 'all' },
  { shell: 'python', name: 'activate_this.py', quote: pythonQuote, on: 'all' },
]

/**
 * The activation scripts as entries of a plan, paths relative to the root. Throws `environment-prompt-unusable` for a prompt, and
 * `environment-path-unusable` for a root, that holds a line break or another control character.
 */
export function activationEntries(options: ActivationOptions): readonly PlanEntry[] {
  const { root, paths, platform, prompt = '', relocatable = false, shells } = options
  refuseControls(prompt, (reason) => new DenError('environment-prompt-unusable', { prompt, reason }))
  refuseControls(root, (reason) => new DenError('environment-path-unusable', { path: root, reason }))
  const relative = (place: string): string => place.slice(root.length).replaceAll('\\', '/').replace(/^\/+/, '')
  const scripts = relative(paths.scripts)
  const sites = [...new Set([paths.purelib, paths.platlib])].map((site) => relative(site).split('/'))
  const family = platform === 'win32' ? 'windows' : 'posix'
  return templates
    .filter(({ shell, on }) => (on === 'all' || on === family) && (shells?.includes(shell) ?? true))
    .map(({ name, quote, executable = false }) => {
      const values: Readonly<Record<string, () => string>> = {
        SCRIPTS: () => quote(relocatable ? '' : paths.scripts),
        PROMPT: () => quote(prompt),
        SITES: () => `[${sites.map((segments) => `[${segments.map(pythonQuote).join(', ')}]`).join(', ')}]`,
      }
      // One pass: what a value holds is never taken for a placeholder.
      const text = assetTexts[`activate/${name}`]!.replace(/@(SCRIPTS|PROMPT|SITES)@/g, (_, key: string) =>
        values[key]!(),
      )
      return {
        kind: 'file',
        path: `${scripts}/${name}`,
        // cmd loses its place at a label when lines end otherwise.
        text: name.endsWith('.bat') ? text.replaceAll('\n', '\r\n') : text,
        ...(executable && family === 'posix' ? { mode: 0o755 } : {}),
      }
    })
}

/** A line break ends a literal in csh and cmd, and a control character in a prompt is an order to the terminal. */
function refuseControls(text: string, refusal: (reason: string) => DenError): void {
  const found = /[\0-\x1f\x7f-\x9f\u2028\u2029]/.exec(text)?.[0]
  if (found !== undefined) {
    const code = found.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')
    throw refusal(`it holds the control character U+${code}, which shells and terminals act upon`)
  }
  if (!text.isWellFormed()) throw refusal('it holds half of a surrogate pair, which UTF-8 cannot express')
}

/**
 * What an activation script of venv, virtualenv or uv leaves open to the shell: the environment's `path` (venv before 3.13.1 and its
 * sisters, CVE-2024-9287) or the `prompt` (virtualenv before 20.26.6, CVE-2024-53899; uv; venv too). Recognised by the template: the
 * value itself may be harmless. `undefined` for scripts that quote.
 */
export function vulnerableActivate(text: string): 'path' | 'prompt' | undefined {
  const path = [
    // A literal in double quotes: $, ` and " in it are the shell's.
    /^[ \t]*(?:export )?VIRTUAL_ENV=(?:\$\(cygpath (?:-u )?)?"(?!\$|")/m,
    /^[ \t]*(?:setenv|set -gx) VIRTUAL_ENV "(?!\$|")/m,
  ]
  if (path.some((pattern) => pattern.test(text))) return 'path'
  const prompt = [/\[ "x[^"\n]*" != x \]/, /^[ \t]*VIRTUAL_ENV_PROMPT="(?!\$|")/m, /VIRTUAL_ENV_PROMPT "(?!\$|")/]
  return prompt.some((pattern) => pattern.test(text)) ? 'prompt' : undefined
}

/** Whether the script was made from a template that leaves the path or the prompt open to the shell. */
export function isVulnerableActivate(text: string): boolean {
  return vulnerableActivate(text) !== undefined
}
