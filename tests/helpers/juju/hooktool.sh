#!/bin/bash
# A hook tool: hands its name, words and standard input to the agent that runs the hook (UNIT_TOOLS
# is its port), prints what comes back and ends as told. Nothing but builtins: a hook calls dozens.
exec 3<> "/dev/tcp/127.0.0.1/$UNIT_TOOLS" || exit 1
text=
case "${0##*/} $*" in
  relation-set\ *--file\ -* | leader-set\ *--file\ -*) IFS= read -r -d '' text ;;
esac
printf '%s\0' "${0##*/}" "$#" "$@" "$text" >&3
IFS= read -r -d '' code <&3 || exit 1
IFS= read -r -d '' out <&3
IFS= read -r -d '' err <&3
printf '%s' "$out"
printf '%s' "$err" >&2
exit "$code"
