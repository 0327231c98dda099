#!/usr/bin/env bash
# Builds the image for both architectures, and pushes it:
#
#   release/image.sh VERSION COMMIT BINARIES IMAGE
#
# BINARIES is the folder of release/build.sh, IMAGE the repository without a tag. Pushed are `sha-COMMIT`, the version,
# and, unless it is a pre-release, its major version: one index under three tags, whose digest is the last line printed.
# LAYOUT=FOLDER writes an OCI layout there instead, and pushes nothing. Needs buildah and skopeo.
set -euo pipefail
version=$1 commit=$2 binaries=$(realpath "$3") image=$4
cd "$(dirname "$0")/.."
source=$(sed -n 's/^repository = "\(.*\)"$/\1/p' Cargo.toml)
title=$(sed -n 's/^description = "\(.*\)"$/\1/p' Cargo.toml)

work=$(mktemp -d)
list=tags-release-$$
trap 'rm -rf "$work"; buildah manifest rm "$list" > /dev/null 2>&1 || true' EXIT
install -m 644 "${CA_CERTIFICATES:-/etc/ssl/certs/ca-certificates.crt}" "$work/ca-certificates.crt"
install -m 755 "$binaries/tags-x86_64-unknown-linux-musl" "$work/tags-amd64"
install -m 755 "$binaries/tags-aarch64-unknown-linux-musl" "$work/tags-arm64"
mkdir -p "$work/home/tags" "$work/root"
mkdir -m 1777 "$work/root/tmp"

label=(
  --label "org.opencontainers.image.title=tags"
  --label "org.opencontainers.image.description=$title"
  --label "org.opencontainers.image.version=$version"
  --label "org.opencontainers.image.revision=$commit"
  --label "org.opencontainers.image.source=$source"
  --label "org.opencontainers.image.documentation=$source#readme"
  --label "org.opencontainers.image.licenses=MIT OR Apache-2.0"
)
buildah manifest create "$list" > /dev/null
for architecture in amd64 arm64; do
  # One layer, and the time of the commit: the same files give the same digest.
  buildah build --quiet --format oci --squash --timestamp "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}" \
    --platform "linux/$architecture" --manifest "$list" "${label[@]}" \
    --file release/Containerfile "$work" > /dev/null
done

layout=${LAYOUT:-$work/layout}
buildah manifest push --quiet --all --format oci "$list" "oci:$layout:$version" > /dev/null
digest() { skopeo inspect --raw "$1" | sha256sum | cut -d ' ' -f 1; }
built=$(digest "oci:$layout:$version")

if [ -z "${LAYOUT:-}" ]; then
  tags=("sha-$commit" "$version")
  # The tag `1` must not point to a pre-release such as `1.2.3-rc.1`.
  case $version in *-*) ;; *) tags+=("${version%%.*}") ;; esac
  for tag in "${tags[@]}"; do
    skopeo copy --quiet --all --preserve-digests "oci:$layout:$version" "docker://$image:$tag"
    # A push that succeeds does not prove what the registry stored: the tag is read back.
    [ "$(digest "docker://$image:$tag")" = "$built" ] || { echo "error: $image:$tag is not what was pushed" >&2; exit 1; }
    echo "pushed $image:$tag"
  done
fi
echo "sha256:$built"
