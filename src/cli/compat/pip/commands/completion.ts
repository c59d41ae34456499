import { isDenError } from '../../../../base/error.ts'
import { readSeen } from '../../../../commands/pip-distributions.ts'
import { aimAt } from '../../../../commands/pip-environment.ts'
import { openSession } from '../../../../commands/session.ts'
import type { Invocation } from '../../../invocation.ts'
import { pipCandidates } from '../complete.ts'
import type { PipHandler } from '../context.ts'
import { commandNames } from '../parse.ts'

/** What registers completion in each shell: the shell hands over the words, `pip` itself answers (PIP_AUTO_COMPLETE). */
const scripts: Readonly<Record<string, string>> = {
  bash: `_den_pip_complete() {
  local IFS=$' \\t\\n'
  COMPREPLY=($(PIP_AUTO_COMPLETE=1 COMP_WORDS="\${COMP_WORDS[*]}" COMP_CWORD=$COMP_CWORD "$1" 2>/dev/null))
}
complete -o default -F _den_pip_complete pip pip3`,
  zsh: `#compdef -P pip[0-9.]#
_den_pip() {
  compadd $(PIP_AUTO_COMPLETE=1 COMP_WORDS="$words[*]" COMP_CWORD=$((CURRENT - 1)) $words[1] 2>/dev/null)
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _den_pip "$@"
else
  compdef _den_pip -P 'pip[0-9.]#'
fi`,
  fish: `function __den_pip_complete
  set -lx COMP_WORDS (commandline --current-process --tokenize --cut-at-cursor) (commandline --current-token --cut-at-cursor)
  set -lx COMP_CWORD (math (count $COMP_WORDS) - 1)
  set -lx PIP_AUTO_COMPLETE 1
  string split ' ' -- ($COMP_WORDS[1])
end
complete -fa '(__den_pip_complete)' -c pip`,
  powershell: `Register-ArgumentCompleter -Native -CommandName pip, pip3 -ScriptBlock {
  param($word, $line, $position)
  $words = $line.ToString().Split()
  $env:COMP_WORDS = $line.ToString()
  $env:COMP_CWORD = if ($word) { $words.Length - 1 } else { $words.Length }
  $env:PIP_AUTO_COMPLETE = 1
  try { (& $words[0]).Split() } finally {
    Remove-Item Env:COMP_WORDS, Env:COMP_CWORD, Env:PIP_AUTO_COMPLETE
  }
}`,
}

/** pip completion --SHELL */
export const handle: PipHandler = async ({ options, output, error, command, program }) => {
  const shell = options.shell
  const script = shell === undefined ? undefined : scripts[shell]
  if (script === undefined) {
    // pip says so and ends well.
    error(
      `You must pass ${Object.keys(scripts)
        .sort()
        .map((name) => `--${name}`)
        .join(' or ')}`,
    )
    return 0
  }
  output.print(`\n# ${program} ${command} start\n${script}\n# ${program} ${command} end\n`)
  return 0
}

/** Answers a shell that completes, one candidate a line (all on one before the command). The exit code is pip's. */
export async function completePip(invocation: Invocation): Promise<number> {
  const { host, output } = invocation
  const words = (host.env['COMP_WORDS'] ?? '').split(/\s+/).slice(1)
  const at = Number(host.env['COMP_CWORD'] ?? 0)
  const current = at >= 1 ? (words[at - 1] ?? '') : ''
  const others = words.filter((_, index) => index !== at - 1)
  const candidates = await pipCandidates(others, current, () => installedNames(invocation))
  const isMain = !others.some((word) => commandNames.includes(word))
  if (isMain || candidates.length > 0) output.print(candidates.map(({ value }) => value).join(isMain ? ' ' : '\n'))
  return 1
}

async function installedNames({ host, output, signal }: Invocation): Promise<readonly string[]> {
  const session = openSession({ host, report: output.report, signal })
  try {
    const core = { host, places: session.places, report: output.report, signal }
    const { sysPath } = await aimAt(core, { requireVirtual: false, isolated: false })
    return readSeen(host, sysPath).map(({ project }) => project)
  } catch (error) {
    if (isDenError(error)) return []
    throw error
  }
}
