# Activates the environment that this file stands in:    overlay use path/to/bin/activate.nu    (use … *, source do as well)
# `deactivate` takes back what was done here and leaves alone what you changed since. Needs nushell 0.101 or newer.

const den_here = (path self | path dirname)

# >>> shared with the hook
# PATH as a list, whatever the configuration made of it.
def den-path []: nothing -> list<string> {
    let value = ($env.PATH? | default [])
    if ($value | describe) == string { $value | split row (char esep) } else { $value }
}

# PATH without the first entry that is `bin`; whatever else was edited stays.
def den-path-without [bin: string]: nothing -> list<string> {
    let entries = (den-path)
    let found = ($entries | enumerate | where item == $bin)
    if ($found | is-empty) { $entries } else { $entries | drop nth ($found | first | get index) }
}

# The name of an environment that was given none. ".venv" says nothing, its project's name does.
def den-title [root: string]: nothing -> string {
    let name = ($root | path basename)
    if $name == .venv { $root | path dirname | path basename } else { $name }
}

# Leaves the active environment, if any, and enters the one whose scripts are in `bin` unless that is empty. One body, with one
# hide-env at its head: nushell forgets what a second command hides.
def --env den-switch [bin: string, name: string] {
    let state = $env.DEN_ACTIVE?
    let pythonhome = ($env.PYTHONHOME? | default $state.pythonhome?)
    let prompt = if ($state.drawn? | default false) { $state.prompt } else { $env.PROMPT_COMMAND? }
    let drawn = ($bin != '' and ($env.VIRTUAL_ENV_DISABLE_PROMPT? | default '') == '')
    let scripts = if $nu.os-info.name == windows { 'Scripts' } else { 'bin' }
    # Without DEN_ACTIVE, a VIRTUAL_ENV came with the process's variables: a shell started inside an activated one.
    let left = ($state.bin? | default ($env.VIRTUAL_ENV? | default '' | path join $scripts))
    hide-env --ignore-errors VIRTUAL_ENV VIRTUAL_ENV_PROMPT DEN_ACTIVE PYTHONHOME PROMPT_COMMAND
    $env.PATH = (den-path-without $left)
    if $bin == '' {
        if $pythonhome != null { $env.PYTHONHOME = $pythonhome }
    } else {
        # A record, not a string, so that it is not handed to the programs you start.
        $env.DEN_ACTIVE = {bin: $bin, pythonhome: $pythonhome, prompt: $prompt, drawn: $drawn}
        $env.PATH = (den-path | prepend $bin)
        $env.VIRTUAL_ENV = ($bin | path dirname)
        $env.VIRTUAL_ENV_PROMPT = $name
    }
    if $drawn {
        $env.PROMPT_COMMAND = {||
            let before = $env.DEN_ACTIVE?.prompt?
            let text = if ($before | describe) == closure { do $before } else { $before }
            $"\(($env.VIRTUAL_ENV_PROMPT?)\) ($text)"
        }
    } else if $prompt != null {
        $env.PROMPT_COMMAND = $prompt
    }
}

# Leave the virtual environment.
export def --env deactivate [...rest: string] { den-switch '' '' }
# <<< shared with the hook

# The base's pydoc program would show the base's modules.
export def --wrapped pydoc [...rest: string] { ^python -m pydoc ...$rest }

export-env {
    let name = @PROMPT@
    den-switch $den_here (if $name == '' { den-title ($den_here | path dirname) } else { $name })
}
