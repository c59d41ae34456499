# Activates the environment that this file stands in, for the fish that reads it:    source path/to/bin/activate.fish
# `deactivate` takes back what was done here and leaves alone what you changed since. `builtin` stands where users have
# functions of the same name.

if not status stack-trace | builtin string length -q
    builtin echo 'activate.fish: this file has to be read by your shell; run as a program it can change nothing there. Type:' >&2
    builtin echo '    source '(builtin string escape -- (status filename | builtin string join \n)) >&2
    exit 33
end

# >>> shared with the hook
# _den_title ROOT: the name of an environment that was given none. ".venv" says nothing, its project's name does.
function _den_title
    set -l name (builtin string replace -r -- '^[\s\S]*/' '' $argv[1] | builtin string collect)
    if test "$name" = .venv
        set name (builtin string replace -r -- '^[\s\S]*/([^/]+)/[^/]*$' '$1' $argv[1] | builtin string collect)
    end
    builtin printf '%s' $name
end

# _den_enter BIN NAME: leaves the active environment, if any, and enters the one whose scripts are in BIN.
function _den_enter --argument-names bin name
    # Activation switches, it does not stack: what is active here is left by its own deactivate, whichever tool wrote that.
    if set -q VIRTUAL_ENV; and builtin functions -q deactivate
        deactivate nondestructive
    end

    function deactivate --description 'Leave the virtual environment'
        if set -q _DEN_BIN
            # Only the entry that activation put there goes; whatever else was edited since stays.
            if set -l index (builtin contains -i -- "$_DEN_BIN" $PATH)
                set -e PATH[$index]
            end
        end
        if set -q _OLD_VIRTUAL_PYTHONHOME
            set -q PYTHONHOME
            or set -gx PYTHONHOME "$_OLD_VIRTUAL_PYTHONHOME"
        end
        if builtin functions -q _old_fish_prompt
            # A prompt that was defined since activation stays.
            if builtin functions fish_prompt | builtin string match -q '*_old_fish_prompt*'
                # Without this, fish would find its own prompt's file again while the function is being erased.
                set -l fish_function_path
                builtin functions -e fish_prompt
                builtin functions -c _old_fish_prompt fish_prompt
            end
            builtin functions -e _old_fish_prompt
        end
        if set -q _DEN_PYDOC
            builtin functions -e pydoc
        end
        for name in _DEN_BIN _DEN_PYDOC VIRTUAL_ENV VIRTUAL_ENV_PROMPT _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_FISH_PROMPT_OVERRIDE
            set -e $name
        end
        if test "$argv[1]" != nondestructive
            builtin functions -e deactivate
        end
    end

    # An environment that came with the process's variables (a shell started inside an activated one) has no deactivate here.
    if set -q VIRTUAL_ENV
        set -g _DEN_BIN "$VIRTUAL_ENV"/(builtin string replace -r -- '^[\s\S]*/' '' $bin)
        deactivate nondestructive
    end
    for variable in _OLD_VIRTUAL_PATH _OLD_VIRTUAL_PYTHONHOME _OLD_FISH_PROMPT_OVERRIDE
        set -e $variable
    end

    set -g _DEN_BIN "$bin"
    set -gx VIRTUAL_ENV (builtin string replace -r -- '/[^/]*$' '' $bin | builtin string collect)
    set -gx VIRTUAL_ENV_PROMPT "$name"
    # Another tool's deactivate, should its activate be read next, restores PATH from this name.
    set -g _OLD_VIRTUAL_PATH $PATH
    set -gx PATH "$bin" $PATH

    if set -q PYTHONHOME
        set -g _OLD_VIRTUAL_PYTHONHOME "$PYTHONHOME"
        set -e PYTHONHOME
    end

    # The base's pydoc program would show the base's modules. Your own function of that name stays.
    if not builtin functions -q pydoc
        set -g _DEN_PYDOC 1
        function pydoc
            python -m pydoc $argv
        end
    end

    if test -z "$VIRTUAL_ENV_DISABLE_PROMPT"; and builtin functions -q fish_prompt
        builtin functions -c fish_prompt _old_fish_prompt
        builtin functions -e fish_prompt
        function fish_prompt
            # First of all, so that your own prompt sees the status of the last command.
            set -l lines (_old_fish_prompt)
            builtin printf '(%s) ' "$VIRTUAL_ENV_PROMPT"
            builtin string join -- \n $lines
        end
        set -g _OLD_FISH_PROMPT_OVERRIDE "$VIRTUAL_ENV"
    end
end
# <<< shared with the hook

begin
    # Where is this file? It is looked for, so that an environment that was moved or copied is still right.
    set -l file (status filename | builtin string collect)
    if not builtin string match -q -- '/*' $file
        set file "$PWD/$file"
    end
    # The directory as it was typed, links kept, without "." and "..".
    set -l bin
    for part in (builtin string split -- / $file)[1..-2]
        switch $part
            case '' .
            case ..
                set -e bin[-1]
            case '*'
                set -a bin $part
        end
    end
    set -l root /(builtin string join -- / $bin[1..-2] | builtin string collect)
    if not test -f "$root/pyvenv.cfg"
        # Reached through a link to the file itself.
        set root (builtin realpath -- $file | builtin string replace -r '/[^/]*/[^/]*$' '' | builtin string collect)
        set bin (builtin string split -- / (builtin realpath -- $file | builtin string collect))[-2]
    end
    set -l name @PROMPT@
    test -n "$name"
    or set name (_den_title $root | builtin string collect)
    if test -f "$root/pyvenv.cfg"
        _den_enter "$root/$bin[-1]" "$name"
        builtin functions -e _den_title _den_enter
    else
        builtin echo "activate.fish: $file stands in no environment; nothing was changed." >&2
        builtin functions -e _den_title _den_enter
        builtin false
    end
end
