<#
.Synopsis
Activates the environment that this file stands in:    . path/to/bin/Activate.ps1

.Description
`deactivate` takes back what was done here and leaves alone what you changed since.

.Parameter VenvDir
The environment's directory; the one that this file stands in unless said.

.Parameter Prompt
The name to show before the prompt.
#>
Param(
    [Parameter(Mandatory = $false)]
    [String]
    $VenvDir,
    [Parameter(Mandatory = $false)]
    [String]
    $Prompt
)

# >>> shared with the hook
# Leaves the active environment, if any, and enters the one whose scripts are in $Bin.
function global:_DenEnter([String]$Bin, [String]$Name) {
    # Activation switches, it does not stack: what is active here is left by its own deactivate, whichever tool wrote that.
    if ($env:VIRTUAL_ENV -and (Test-Path -Path Function:deactivate)) {
        deactivate -NonDestructive
    }

    function global:deactivate([switch]$NonDestructive) {
        $state = $null
        if (Test-Path -Path Variable:global:_DEN_ACTIVE) {
            $state = $global:_DEN_ACTIVE
            Remove-Variable -Name _DEN_ACTIVE -Scope global -Force
        }
        $bin = $null
        if ($state) {
            $bin = $state.Bin
        }
        elseif ($env:VIRTUAL_ENV) {
            # It came with the process's variables: a shell started inside an activated one.
            $windows = [IO.Path]::DirectorySeparatorChar -eq '\'
            $bin = [IO.Path]::Combine($env:VIRTUAL_ENV, $(if ($windows) { 'Scripts' } else { 'bin' }))
        }
        if ($bin -and $env:PATH) {
            # Only the entry that activation put there goes; whatever else was edited since stays.
            $entries = New-Object System.Collections.ArrayList (, $env:PATH.Split([IO.Path]::PathSeparator))
            $entries.Remove($bin)
            $env:PATH = [String]::Join([String][IO.Path]::PathSeparator, $entries.ToArray())
        }
        if ($state -and $state.HasPythonHome -and -not (Test-Path -Path Env:PYTHONHOME)) {
            $env:PYTHONHOME = $state.PythonHome
        }
        # A prompt that was defined since activation stays.
        if ($state -and $state.Prompt -and (Get-Content -Path Function:prompt).ToString().Contains('_DEN_ACTIVE')) {
            Set-Content -Path Function:global:prompt -Value $state.Prompt
        }
        if ($state -and $state.Pydoc -and (Test-Path -Path Function:pydoc)) {
            Remove-Item -Path Function:pydoc
        }
        foreach ($variable in 'VIRTUAL_ENV', 'VIRTUAL_ENV_PROMPT') {
            if (Test-Path -Path Env:$variable) { Remove-Item -Path Env:$variable }
        }
        if (-not $NonDestructive) {
            Remove-Item -Path Function:deactivate
        }
    }
    if ($env:VIRTUAL_ENV) {
        deactivate -NonDestructive
    }

    $state = @{
        Bin           = $Bin
        HasPythonHome = (Test-Path -Path Env:PYTHONHOME)
        PythonHome    = $env:PYTHONHOME
        Prompt        = $null
        Pydoc         = $false
    }
    $env:VIRTUAL_ENV = [IO.Path]::GetDirectoryName($Bin)
    $env:VIRTUAL_ENV_PROMPT = $Name
    if ($env:PATH) {
        $env:PATH = $Bin + [IO.Path]::PathSeparator + $env:PATH
    }
    else {
        $env:PATH = $Bin
    }
    if ($state.HasPythonHome) {
        Remove-Item -Path Env:PYTHONHOME
    }
    # The base's pydoc program would show the base's modules. Your own function or alias of that name stays.
    if (-not (Test-Path -Path Function:pydoc) -and -not (Test-Path -Path Alias:pydoc)) {
        $state.Pydoc = $true
        function global:pydoc { & python -m pydoc $args }
    }
    if (-not $env:VIRTUAL_ENV_DISABLE_PROMPT -and (Test-Path -Path Function:prompt)) {
        $state.Prompt = Get-Content -Path Function:prompt
        function global:prompt {
            Write-Host -NoNewline -ForegroundColor Green "($env:VIRTUAL_ENV_PROMPT) "
            & $global:_DEN_ACTIVE.Prompt
        }
    }
    $global:_DEN_ACTIVE = $state
}

# The name of an environment that was given none. ".venv" says nothing, its project's name does.
function global:_DenTitle([String]$Root) {
    $name = [IO.Path]::GetFileName($Root)
    if ($name -eq '.venv') {
        $name = [IO.Path]::GetFileName([IO.Path]::GetDirectoryName($Root))
    }
    $name
}
# <<< shared with the hook

# Where is this file? It is looked for, so that an environment that was moved or copied is still right.
$_denBin = [IO.Path]::GetDirectoryName($MyInvocation.MyCommand.Definition)
if ($VenvDir) {
    $_denRoot = $ExecutionContext.SessionState.Path.GetUnresolvedProviderPathFromPSPath($VenvDir)
    $_denBin = [IO.Path]::Combine($_denRoot.TrimEnd('/', '\'), [IO.Path]::GetFileName($_denBin))
}
if (-not $Prompt) {
    $Prompt = @PROMPT@
}
if (-not $Prompt) {
    $Prompt = _DenTitle ([IO.Path]::GetDirectoryName($_denBin))
}
_DenEnter $_denBin $Prompt
