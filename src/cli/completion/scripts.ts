// The code that a shell runs to complete den's command lines. It hands the words to `den __complete` as they are and never
// evaluates them: what stands on an unfinished line must not run because somebody pressed Tab.
//
// The protocol: den __complete SHELL INDEX WORD…, where INDEX is the place (from 0) of the word being typed. The answer is one line
// of what the shell adds itself (files, directories, none), then a line a candidate: the value, a tab, a description.

/** "bash", "zsh", "fish", "powershell" → the code. `den` is the words that start den. */
export function completionScript(shell: string): string | undefined {
  return scripts[shell === 'pwsh' ? 'powershell' : shell]
}

const bash = `# Completion of den for bash. In ~/.bashrc: eval "$(den completions bash)"
_den() {
  local line paths
  local -a answer=()
  COMPREPLY=()
  while IFS= read -r line; do
    answer+=("$line")
  done < <(command den __complete bash "$((COMP_CWORD - 1))" "\${COMP_WORDS[@]:1}" 2>/dev/null)
  paths=\${answer[0]:-}
  for line in "\${answer[@]:1}"; do
    printf -v line %q "\${line%%$'\\t'*}"
    COMPREPLY+=("$line")
  done
  # bash before 4 has no compopt and completes paths where nothing else was found.
  case $paths in
    directories) compopt +o default -o plusdirs 2>/dev/null ;;
    files) ((\${#COMPREPLY[@]} == 0)) || compopt +o default 2>/dev/null ;;
    *) compopt +o default 2>/dev/null ;;
  esac
}
complete -o default -F _den den
`

const zsh = `#compdef den
# Completion of den for zsh. In ~/.zshrc, after compinit: eval "$(den completions zsh)"
_den() {
  local line value says paths
  local -a answer offered
  answer=("\${(@f)$(command den __complete zsh $((CURRENT - 2)) "\${(@Q)words[2,-1]}" 2>/dev/null)}")
  paths=\${answer[1]}
  for line in "\${(@)answer[2,-1]}"; do
    value=\${line%%$'\\t'*}
    says=\${line#"$value"}
    says=\${says#$'\\t'}
    offered+=("\${value//:/\\\\:}\${says:+:$says}")
  done
  [[ \${words[CURRENT]} == --*=* ]] && compset -P '*='
  local ret=1
  ((\${#offered})) && _describe -t values value offered && ret=0
  case $paths in
    directories) _files -/ && ret=0 ;;
    files) _files && ret=0 ;;
  esac
  return ret
}
if [[ \${funcstack[1]} == _den ]]; then _den "$@"; else compdef _den den; fi
`

const fish = `# Completion of den for fish. Once: den completions fish > ~/.config/fish/completions/den.fish
function __den_complete
  set -l words (commandline -opc)
  set -l current (commandline -ct)
  set -l answer (command den __complete fish (math (count $words) - 1) $words[2..-1] $current 2>/dev/null)
  test (count $answer) -gt 0; or return
  for line in $answer[2..-1]
    echo $line
  end
  # An empty list would leave nothing of what is put behind it.
  set -l prefix (string match -r -- '^--[^=]+=' $current; or echo)
  set -l typed (string replace -r -- '^--[^=]+=' '' $current)
  switch $answer[1]
    case directories
      printf '%s\\n' $prefix(__fish_complete_directories $typed)
    case files
      printf '%s\\n' $prefix(__fish_complete_path $typed)
  end
end
complete -c den -f -a '(__den_complete)'
`

const powershell = `# Completion of den for PowerShell. In $PROFILE: den completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName den -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $words = @($commandAst.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
    Select-Object -Skip 1 | ForEach-Object { if ($null -ne $_.Value) { [string]$_.Value } else { $_.Extent.Text } })
  $index = if ($wordToComplete -eq '') { $words.Count } else { $words.Count - 1 }
  $answer = @(& den __complete powershell $index @words 2>$null)
  foreach ($line in ($answer | Select-Object -Skip 1)) {
    $value, $says = $line -split "\`t", 2
    if (-not $says) { $says = $value }
    $text = if ($value -match '[\\s''"\`$;&|<>(){}@#,]') { "'" + ($value -replace "'", "''") + "'" } else { $value }
    [System.Management.Automation.CompletionResult]::new($text, $value, 'ParameterValue', $says)
  }
  if ($answer[0] -in 'files', 'directories') {
    foreach ($found in [System.Management.Automation.CompletionCompleters]::CompleteFilename($wordToComplete)) {
      if ($answer[0] -eq 'files' -or $found.ResultType -eq 'ProviderContainer') { $found }
    }
  }
}
`

const scripts: Readonly<Record<string, string>> = { bash, zsh, fish, powershell }
