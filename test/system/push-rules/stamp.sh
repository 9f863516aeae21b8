#!/usr/bin/env bash
# Writes a template with values from the status files: stamp.sh OUT TEMPLATE TEXT={{KEY}}… -- STATUS_FILE…
set -o errexit -o nounset -o pipefail
out=$1 text=$2
shift 2
substitutions=()
while [ "$1" != -- ]; do
  substitutions+=("$1")
  shift
done
shift
if [ $# -gt 0 ]; then
  for substitution in "${substitutions[@]}"; do
    from=${substitution%%=*} key=${substitution#*=}
    key=${key#\{\{} key=${key%\}\}}
    value=$(cat "$@" | sed -n "s/^$key //p" | head -n1)
    text=${text//"$from"/"$value"}
  done
fi
printf '%s\n' "$text" >"$out"
