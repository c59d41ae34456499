#!/bin/sh
# The pip of an environment that den made: what it is told goes to den, which does it in the environment that this file stands in.

# The environment is where this file is found, not where links lead: bin may be a link itself. Only when nothing is there, the file's own
# link is followed (~/bin/pip).
file=$0
case $file in
  */*) ;;
  *) [ -e "$file" ] || file=$(command -v -- "$file") ;;
esac
while :; do
  case $file in
    /*) ;;
    *) file=$PWD/$file ;;
  esac
  bin=${file%/*}
  case $bin/ in
    *//* | */./* | */../*) bin=$(CDPATH='' cd -- "$bin" && pwd) ;;
  esac
  root=${bin%/*}
  if [ -f "$root/pyvenv.cfg" ]; then break; fi
  if ! [ -h "$file" ] || ! link=$(readlink "$file"); then
    printf '%s\n' "ERROR: $0 is a pip of den's, and stands in no environment: call ENVIRONMENT/bin/pip, or den pip" >&2
    exit 1
  fi
  case $link in
    /*) file=$link ;;
    *) file=${file%/*}/$link ;;
  esac
done

den=
while IFS= read -r line || [ -n "$line" ]; do
  case $line in
    den-command*=*) den=${line#*=} ;;
  esac
done <"$root/pyvenv.cfg"

stands() {
  eval "set -- $den" || return 1
  for word; do
    case $word in
      /*) [ -e "$word" ] || return 1 ;;
    esac
  done
  [ -f "$1" ] && [ -x "$1" ]
}

if [ -n "$den" ] && stands; then eval "exec $den pip --python \"\${root:-/}\" \"\$@\""; fi
if command -v den >/dev/null 2>&1; then exec den pip --python "${root:-/}" "$@"; fi
# It says what can be done without den.
if [ -x "$bin/python" ]; then exec "$bin/python" -m pip "$@"; fi
printf '%s\n' "ERROR: this pip is den's, and den is not found:$den is gone, and PATH has no den." \
  "       Put den on your PATH." >&2
exit 1
