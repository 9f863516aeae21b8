#!/usr/bin/env bash
# The interface of rules_oci's push.sh.tpl, 1.8 and 2.x: fixed arguments, then those of the caller; --repository counts once,
# --tag adds. The image goes there by its digest, then each tag is put on it, in order.
set -o pipefail -o errexit -o nounset

readonly IMAGE_DIR="{{image_dir}}" TAGS_FILE="{{tags}}" REPOSITORY_FILE="{{repository_file}}"
readonly FIXED_ARGS=({{fixed_args}})
set -- ${FIXED_ARGS[@]+"${FIXED_ARGS[@]}"} "$@"

REPOSITORY=""
if [[ -f "$REPOSITORY_FILE" ]]; then REPOSITORY=$(tr -d '\n' <"$REPOSITORY_FILE"); fi
TAGS=()
while (( $# > 0 )); do
  case $1 in
    (-t|--tag) TAGS+=("$2"); shift 2;;
    (--tag=*) TAGS+=("${1#--tag=}"); shift;;
    (-r|--repository) REPOSITORY="$2"; shift 2;;
    (--repository=*) REPOSITORY="${1#--repository=}"; shift;;
    (*) echo "unknown argument $1" >&2; exit 2;;
  esac
done
if [[ -z "$REPOSITORY" ]]; then
  echo "ERROR: repository not set. Please pass --repository flag." >&2
  exit 1
fi

copy() { skopeo --insecure-policy copy --quiet --dest-tls-verify=false "oci:$IMAGE_DIR" "docker://$1" >&2; }

DIGEST=$(grep -o 'sha256:[0-9a-f]*' "$IMAGE_DIR/index.json")
copy "$REPOSITORY@$DIGEST"
echo "$REPOSITORY@$DIGEST"
if [[ -n "$TAGS_FILE" ]]; then
  while read -r tag; do TAGS+=("$tag"); done <"$TAGS_FILE"
fi
for tag in ${TAGS[@]+"${TAGS[@]}"}; do copy "$REPOSITORY:$tag"; done
