#!/bin/sh
# Makes .venv with exactly what a lock file names. Usage: tools/setup.sh requirements.lock
# Another environment gets what the lock file names, without Coursewright:
# tools/setup.sh requirements-bench.lock .venv-bench
# Needs Python 3.11 or newer, nothing else; uv is put into .venv when it is missing.
set -eu
lock=$1
venv=${2:-.venv}
stamp="$venv/.$(basename "$lock").sha"
want=$(cat "$lock" pyproject.toml tools/setup.sh | cksum)
[ "$(cat "$stamp" 2>/dev/null || true)" = "$want" ] && exit 0

python=${PYTHON:-}
if [ -z "$python" ]; then
  for candidate in python3 python3.14 python3.13 python3.12 python3.11 python; do
    if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null; then
      python=$candidate
      break
    fi
  done
fi
if [ -z "$python" ]; then
  echo "error: no Python 3.11 to 3.14 was found" >&2
  echo "hint: install one, or name it: make run PYTHON=/path/to/python3.12" >&2
  exit 1
fi

if [ ! -x "$venv/bin/python" ]; then
  echo "Setting up $venv with $("$python" --version) ..." >&2
  if command -v uv >/dev/null 2>&1; then
    uv venv --quiet --python "$python" "$venv"
  elif ! "$python" -m venv "$venv" 2>/tmp/coursewright-venv.$$; then
    cat /tmp/coursewright-venv.$$ >&2
    rm -rf "$venv" /tmp/coursewright-venv.$$
    echo "error: $python cannot make a virtual environment" >&2
    echo "hint: on Debian and Ubuntu: apt-get install python3-venv (or install uv)" >&2
    exit 1
  fi
  rm -f /tmp/coursewright-venv.$$
fi
if command -v uv >/dev/null 2>&1; then
  uv=uv
else
  uv="$venv/bin/uv"
  [ -x "$uv" ] || "$venv/bin/python" -m pip install --quiet --disable-pip-version-check 'uv>=0.9,<1'
fi
echo "Installing what $lock names ..." >&2
install() {
  export VIRTUAL_ENV="$PWD/$venv"
  "$uv" pip install --quiet --no-deps --require-hashes -r "$lock" || return
  [ "$venv" != .venv ] || "$uv" pip install --quiet --no-deps --no-build-isolation --editable .
}
# Behind a company's proxy the certificates of the system are needed; elsewhere there may be none.
install || {
  echo "Trying again with the certificates of the system ..." >&2
  UV_SYSTEM_CERTS=1 UV_NATIVE_TLS=1 install
}
echo "$want" >"$stamp"
