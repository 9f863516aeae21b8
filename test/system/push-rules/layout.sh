#!/usr/bin/env bash
# Builds an OCI layout: layout.sh OUT LABELS_FILE ENTRYPOINT[,ARG…] TAR…
set -o errexit -o nounset -o pipefail
out=$1 labels=$2 entrypoint=$3
shift 3
mkdir -p "$out/blobs/sha256"

# Stores standard input; prints `DIGEST SIZE`.
blob() {
  local file digest
  file=$(mktemp)
  cat >"$file"
  digest=$(sha256sum "$file" | cut -d' ' -f1)
  chmod 644 "$file"
  mv "$file" "$out/blobs/sha256/$digest"
  echo "$digest $(stat -Lc %s "$out/blobs/sha256/$digest")"
}

descriptor() { printf '{"mediaType":"application/vnd.oci.image.%s","digest":"sha256:%s","size":%s}' "$1" "$2" "$3"; }

layers="" diffs=""
for tar in "$@"; do
  read -r digest size < <(blob <"$tar")
  layers+="${layers:+,}$(descriptor layer.v1.tar "$digest" "$size")"
  diffs+="${diffs:+,}\"sha256:$digest\""
done
json_labels=""
if [ -n "$labels" ]; then
  while IFS='=' read -r key value; do
    [ -z "$key" ] || json_labels+="${json_labels:+,}\"$key\":\"$value\""
  done <"$labels"
fi
config="{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"Entrypoint\":[\"${entrypoint//,/\",\"}\"],\"Labels\":{$json_labels}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[$diffs]}}"
read -r digest size < <(printf %s "$config" | blob)
manifest="{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"config\":$(descriptor config.v1+json "$digest" "$size"),\"layers\":[$layers]}"
read -r digest size < <(printf %s "$manifest" | blob)
printf '{"schemaVersion":2,"manifests":[%s]}' "$(descriptor manifest.v1+json "$digest" "$size")" >"$out/index.json"
printf '{"imageLayoutVersion":"1.0.0"}' >"$out/oci-layout"
