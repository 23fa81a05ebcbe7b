#!/usr/bin/env bash
# Makes .venv and fills it: `setup.sh runtime` for the app, `setup.sh test` adds what tests and training need.
set -euo pipefail
cd "$(dirname "$0")/../.."
what=${1:-runtime}
python=${PYTHON:-python3}
libraries=(libegl1 libgl1 libxkbcommon0 libxkbcommon-x11-0 libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1
  libxcb-render-util0 libxcb-shape0 libxcb-xinerama0 libdbus-1-3 libfontconfig1 libgssapi-krb5-2 fonts-dejavu-core)

say() { printf 'setup: %s\n' "$*" >&2; }

"$python" - <<'PY' || { say "Python 3.11 to 3.13 is needed. Set PYTHON=/path/to/python3.11 and run again."; exit 2; }
import sys
sys.exit(0 if (3, 11) <= sys.version_info[:2] < (3, 14) else 1)
PY

# Qt's libraries: only Debian's names are known here; elsewhere Qt itself says what it misses.
if command -v dpkg-query >/dev/null; then
  missing=()
  for name in "${libraries[@]}"; do
    dpkg-query -W -f='${Status}' "$name" 2>/dev/null | grep -q 'install ok installed' || missing+=("$name")
  done
  if [ ${#missing[@]} -gt 0 ]; then
    if [ "$(id -u)" = 0 ]; then
      say "installing Qt's libraries: ${missing[*]}"
      apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq "${missing[@]}" >/dev/null
    else
      say "Qt needs: sudo apt-get install ${missing[*]}"
      say "Install them and run this again."
      exit 2
    fi
  fi
fi

[ -x .venv/bin/python ] || "$python" -m venv .venv
pip=(.venv/bin/python -m pip install --quiet --disable-pip-version-check)
"${pip[@]}" --require-hashes -r packaging/lock/runtime.txt
if [ "$what" = test ]; then
  "${pip[@]}" --require-hashes -r packaging/lock/test.txt
  "${pip[@]}" --editable '.[test]'
else
  "${pip[@]}" --no-deps --editable .
fi
say "$what set up in .venv"
