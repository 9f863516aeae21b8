#!/usr/bin/env bash
# Writes a template with values from the status files, or without any as they are: stamp.sh OUT TEMPLATE TEXT=VALUE… -- [STATUS_FILE…]
set -o errexit -o nounset -o pipefail
out=$1 text=$2
shift 2
substitutions=()
while [ "$1" != -- ]; do
  substitutions+=("$1")
  shift
done
shift
for substitution in "${substitutions[@]}"; do
  from=${substitution%%=*} value=${substitution#*=}
  if [ $# -gt 0 ]; then
    key=${value#\{\{} key=${key%\}\}}
    value=$(cat "$@" | sed -n "s/^$key //p" | head -n1)
  fi
  text=${text//"$from"/"$value"}
done
printf '%s\n' "$text" >"$out"
