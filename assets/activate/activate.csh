# Activates the environment that this file stands in, for the csh or tcsh that reads it:    source path/to/bin/activate.csh
# `deactivate` takes back what was done here and leaves alone what you changed since.
# csh has no functions and reads its own quotes again wherever it meets them, so whatever handles a path is done by a few lines
# of sh, handed over in a variable: PATH, names and the place of this file come back as lines and are never read as csh.

if ($?_DEN_BIN) then
    deactivate nondestructive
endif

# Prints, a line each: the scripts directory, the root, the name, the name as a prompt shows it, the new PATH. The shell holds
# this file open while reading it, and says so in /proc; elsewhere lsof tells.
setenv _DEN_SH 'f=; for p in $PPID $1; do if [ -z "$f" ]; then if [ -d "/proc/$p/fd" ]; then l=$(for d in "/proc/$p/fd"/*; do readlink "$d"; done); else l=$(lsof -a -p "$p" -d 3-255 -Fn 2>/dev/null | sed -n "s|^n||p"); fi; f=$(printf "%s\n" "$l" | sed -n "s|^\(/.*\)/activate\.csh\$|\1|p" | tail -n 1); fi; done; [ -f "${f%/*}/pyvenv.cfg" ] || f=$_DEN_SCRIPTS; [ -n "$f" ] && [ -f "${f%/*}/pyvenv.cfg" ] || exit 0; r=${f%/*}; n=$_DEN_NAME; [ -n "$n" ] || { n=${r##*/}; if [ "$n" = .venv ]; then n=${r%/*}; n=${n##*/}; fi; }; if [ -n "$2" ]; then q=$(printf "%s\n" "$n" | sed -e "s/[\\^\!]/\\\\&/g" -e "s/%/%%/g"); else q=$(printf "%s\n" "$n" | sed "s/\!/\\\\&/g"); fi; o=:$PATH:; if [ -n "$VIRTUAL_ENV" ]; then b=$VIRTUAL_ENV/${f##*/}; case $o in *":$b:"*) o=${o%%":$b:"*}:${o#*":$b:"};; esac; fi; o=${o#:}; o=${o%:}; printf "%s\n" "$f" "$r" "$n" "$q" "$f${o:+:$o}"'
setenv _DEN_SCRIPTS @SCRIPTS@
setenv _DEN_NAME @PROMPT@
if ($?tcsh) then
    set _den_lines = "`printenv _DEN_SH | /bin/sh -s $$ tcsh`"
else
    set _den_lines = "`printenv _DEN_SH | /bin/sh -s $$`"
endif
unsetenv _DEN_SH
unsetenv _DEN_SCRIPTS
unsetenv _DEN_NAME

if ($#_den_lines != 5) then
    sh -c 'echo "activate.csh: cannot tell which directory this file is being read from; nothing was changed." >&2'
    unset _den_lines
    exit 1
endif

set _DEN_BIN = "$_den_lines[1]:q"
setenv VIRTUAL_ENV "$_den_lines[2]:q"
setenv VIRTUAL_ENV_PROMPT "$_den_lines[3]:q"
set _den_name = "$_den_lines[4]:q"
setenv PATH "$_den_lines[5]:q"
unset _den_lines

if ($?PYTHONHOME) then
    set _OLD_VIRTUAL_PYTHONHOME = "$PYTHONHOME:q"
    unsetenv PYTHONHOME
endif

set _den_draw = 1
if ($?VIRTUAL_ENV_DISABLE_PROMPT) then
    if ("$VIRTUAL_ENV_DISABLE_PROMPT:q" != "") set _den_draw = 0
endif
# A shell that does not talk to anyone has no prompt.
if (! $?prompt) set _den_draw = 0
if ($_den_draw) then
    set _OLD_VIRTUAL_PROMPT = "$prompt:q"
    set prompt = '('"$_den_name:q"') '"$prompt:q"
    set _DEN_PROMPT = "$prompt:q"
endif
unset _den_draw
unset _den_name

# Prints PATH without the entry that activation put there; whatever else was edited since stays.
set _DEN_OFF = 'o=:$PATH:; case $o in *":$_DEN_BIN:"*) o=${o%%":$_DEN_BIN:"*}:${o#*":$_DEN_BIN:"};; esac; o=${o#:}; printf "%s\n" "${o%:}"'
alias deactivate 'setenv _DEN_SH $_DEN_OFF:q; setenv _DEN_BIN $_DEN_BIN:q; setenv PATH "`printenv _DEN_SH | /bin/sh`"; unsetenv _DEN_SH; unsetenv _DEN_BIN; unset _DEN_BIN _DEN_OFF; rehash; test $?_OLD_VIRTUAL_PYTHONHOME = 1 && setenv PYTHONHOME "$_OLD_VIRTUAL_PYTHONHOME:q"; unset _OLD_VIRTUAL_PYTHONHOME; test $?_OLD_VIRTUAL_PROMPT = 1 && test "$prompt:q" = "$_DEN_PROMPT:q" && set prompt = "$_OLD_VIRTUAL_PROMPT:q"; unset _OLD_VIRTUAL_PROMPT _DEN_PROMPT; unsetenv VIRTUAL_ENV; unsetenv VIRTUAL_ENV_PROMPT; unalias pydoc; test "\!:*" != nondestructive && unalias deactivate'

alias pydoc python -m pydoc
rehash
