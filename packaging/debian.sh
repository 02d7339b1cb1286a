#!/usr/bin/env bash
# Everything for Debian 12 (and its relatives) in one step: system packages, a virtual environment,
# PhotoSearch as a wheel, and then what was asked for. May be run again and again.
#
#   bash packaging/debian.sh run [PATH...]               the window, with folders added to it
#   bash packaging/debian.sh answer PHOTOS MODEL QUERY   no display: index a folder, print an answer
#   bash packaging/debian.sh test [PYTEST ARGUMENTS]     lint, types, layers, tests of the wheel
#   bash packaging/debian.sh packages                    only what building packages needs
#
# PHOTOSEARCH_VENV says where the environment lies (default: .venv in the checkout), PYTHON which
# interpreter makes it (default: the first of python3, python3.11 ... that is 3.11 or newer).
set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
readonly ROOT
readonly VENV=${PHOTOSEARCH_VENV:-$ROOT/.venv}

# What PySide6's wheels need of the system, found by trying in a minimal tree; the second line is
# for X11. OpenCV, which the tests of faces compare with, needs libgl1 and libglib2.0-0 of these.
readonly QT_PACKAGES=(
  libglib2.0-0 libgl1 libxkbcommon0 libegl1 libfreetype6 libfontconfig1 libdbus-1-3
  libxcb-cursor0 libxcb-icccm4 libxcb-keysyms1 libxcb-shape0 libxcb-xkb1 libxkbcommon-x11-0
)
# What the bundle, the .deb, the AppImage and their tests are made with.
readonly PACKAGE_TOOLS=(
  binutils dpkg-dev squashfs-tools desktop-file-utils appstream mmdebstrap xvfb xdotool
)
# Types are checked as on each of these.
readonly PLATFORMS=(linux darwin win32)

say() {
  printf '%s\n' "$*" >&2
}

fail() {
  say "$*"
  exit 1
}

usage() {
  sed -n '5,8s/^#  *//p' "${BASH_SOURCE[0]}" >&2
  exit 2
}

# --- system packages -------------------------------------------------------------------------

is_installed() {
  # From Debian 13 on some libraries carry the suffix t64.
  local states
  states=$(dpkg-query -W -f '${db:Status-Status}\n' "$1" "$1t64" 2>/dev/null) || true
  grep -qx installed <<<"$states"
}

# Install those of the packages that are missing; without any missing, apt is not called at all.
need_packages() {
  local missing=() package
  for package in "$@"; do
    is_installed "$package" || missing+=("$package")
  done
  ((${#missing[@]})) || return 0
  say "Installing system packages: ${missing[*]}"
  local as_root=()
  if ((EUID != 0)); then
    command -v sudo >/dev/null ||
      fail "These packages are missing and there is no sudo. As root: apt-get install ${missing[*]}"
    as_root=(sudo)
  fi
  as_root+=(env DEBIAN_FRONTEND=noninteractive)
  "${as_root[@]}" apt-get update -qq ||
    say "apt-get update failed; trying with the package lists that are there."
  "${as_root[@]}" apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}

# --- Python ----------------------------------------------------------------------------------

is_new_enough() {
  command -v "$1" >/dev/null &&
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

find_python() {
  local candidate
  if [[ -n ${PYTHON:-} ]]; then
    is_new_enough "$PYTHON" || fail "PYTHON=$PYTHON is not a Python 3.11 or newer."
    printf '%s\n' "$PYTHON"
    return
  fi
  for candidate in python3 python3.11 python3.12 python3.13 python3.14; do
    if is_new_enough "$candidate"; then
      printf '%s\n' "$candidate"
      return
    fi
  done
  fail "PhotoSearch needs Python 3.11 or newer (on Debian 12: apt-get install python3)."
}

# Say which of Debian's packages complete the interpreter $1: for virtual environments, and the
# headers for hnswlib, which is compiled.
lacking() {
  "$1" - <<'PYTHON'
import importlib.util as util, pathlib, sys, sysconfig

version = "python{}.{}".format(*sys.version_info)
if not (util.find_spec("venv") and util.find_spec("ensurepip")):
    print(version + "-venv")
if not (pathlib.Path(sysconfig.get_path("include")) / "Python.h").exists():
    print(version + "-dev")
PYTHON
}

complete_python() {
  local python=$1 packages=() file
  mapfile -t packages < <(lacking "$python")
  if ((${#packages[@]})); then
    file=$("$python" -c 'import os, sys; print(os.path.realpath(sys.executable))')
    dpkg-query -S "$file" >/dev/null 2>&1 ||
      fail "$file lacks ${packages[*]#python*-} (modules venv and ensurepip, header Python.h)."
    need_packages "${packages[@]}"
  fi
  command -v c++ >/dev/null || need_packages g++
}

# Make the environment, anew when the one that is there does not run or is too old.
make_environment() {
  local python
  if [[ -d $VENV ]] && "$VENV/bin/python" -m pip --version >/dev/null 2>&1 &&
    is_new_enough "$VENV/bin/python"; then
    complete_python "$VENV/bin/python"
    return
  fi
  [[ ! -e $VENV || -f $VENV/pyvenv.cfg || -z $(ls -A "$VENV") ]] ||
    fail "$VENV is there and is no virtual environment: move it away, or set PHOTOSEARCH_VENV."
  python=$(find_python)
  complete_python "$python"
  say "Making the environment $VENV"
  "$python" -m venv --clear "$VENV"
}

# Build the checkout's wheel and install it with the extras $1. pip resolves everything in one call:
# torch and open_clip_torch apart would end with a newer torch of gigabytes. The second call brings
# changed code of the same version. Run again with nothing to fetch, this needs no network.
install() {
  make_environment
  local pip=("$VENV/bin/python" -m pip install --quiet --disable-pip-version-check)
  local mark=$VENV/photosearch-installed made told wheel
  made=$(made_from)
  if [[ -s $mark ]]; then
    say "Updating PhotoSearch in $VENV"
  else
    say "Installing PhotoSearch into $VENV (the first time takes some minutes)"
  fi
  : >"$mark" # says nothing until all is done
  "${pip[@]}" "hatchling>=1.26"
  rm -rf "$VENV/wheel"
  told=$(cd "$ROOT" && "$VENV/bin/python" -m hatchling build -t wheel -d "$VENV/wheel" 2>&1) ||
    fail "$told"
  wheel=$(echo "$VENV/wheel"/*.whl)
  "${pip[@]}" "$wheel$1"
  "${pip[@]}" --force-reinstall --no-deps "$wheel"
  keep_gpu
  printf '%s\n' "$made" >"$mark"
}

# Print what the wheel would be made of now, as one word.
made_from() {
  (
    cd "$ROOT"
    find photosearch resources pyproject.toml README.md LICENSE -name __pycache__ -prune \
      -o -type f -print0 | sort -z | xargs -0 sha1sum | sha1sum | cut -c1-40
  )
}

# Install, unless the checkout is as it was the last time: then the window opens at once.
install_if_changed() {
  local mark=$VENV/photosearch-installed
  [[ -s $mark && $(<"$mark") == "$(made_from)" ]] &&
    "$VENV/bin/photosearch" --version >/dev/null 2>&1 && return
  install ""
}

# Who changed to ONNX Runtime's package for NVIDIA cards keeps it: installing has brought the plain
# one back over it, and exactly one of them may be there.
keep_gpu() {
  local pip=("$VENV/bin/python" -m pip --quiet --disable-pip-version-check)
  "${pip[@]}" show onnxruntime-gpu >/dev/null 2>&1 || return 0
  "${pip[@]}" show onnxruntime >/dev/null 2>&1 || return 0
  "${pip[@]}" uninstall -y onnxruntime
  "${pip[@]}" install --force-reinstall --no-deps onnxruntime-gpu
}

# --- what can be asked for ---------------------------------------------------------------------

run_window() {
  need_packages "${QT_PACKAGES[@]}"
  install_if_changed
  exec "$VENV/bin/photosearch" "$@"
}

# The answer comes from these photos alone, and the user's own library and model stay as they are:
# each folder asked about has a home of its own, so that asking again is quick.
answer() {
  (($# == 3)) || usage
  local photos=$1 model=$2 query=$3 home name added
  [[ -e $photos ]] || fail "There is no folder $photos."
  install_if_changed
  home=$VENV/answers/$(realpath -z "$photos" | sha1sum | cut -c1-12)
  mkdir -p "$home"
  export PHOTOSEARCH_HOME=$home
  added=$("$VENV/bin/photosearch" models add --json "$model") || exit $?
  name=$("$VENV/bin/python" -c 'import json, sys; print(json.loads(sys.argv[1])["models"][0]["name"])' \
    "$added")
  "$VENV/bin/photosearch" models use "$name" >&2
  "$VENV/bin/photosearch" index "$photos" >&2
  exec "$VENV/bin/photosearch" search "$query"
}

need_package_tools() {
  need_packages "${QT_PACKAGES[@]}" "${PACKAGE_TOOLS[@]}"
}

run_tests() {
  need_package_tools
  install "[test]"
  cd "$ROOT"
  local bin=$VENV/bin building="" log=$VENV/bundle.txt platform
  # The bundle is built meanwhile: for all tests, or when its own are asked for.
  if (($# == 0)) || [[ " $*" == *" tests/packaging"* ]]; then
    set -m # in a group of its own, with all that it starts
    "$bin/python" packaging/bundle/build.py --out "$VENV/bundle/out" --work "$VENV/bundle/work" \
      >"$log" 2>&1 &
    building=$!
    set +m
    # shellcheck disable=SC2064  # the number as it is now
    trap "kill -- -$building 2>/dev/null || true" EXIT # whatever fails before it is there
  fi
  "$bin/ruff" check .
  "$bin/ruff" format --check .
  for platform in "${PLATFORMS[@]}"; do
    "$bin/mypy" --platform "$platform" --cache-dir ".mypy_cache/$platform"
  done
  "$bin/lint-imports"
  if [[ -n $building ]]; then
    wait "$building" || fail "$(<"$log")"
    trap - EXIT
    tail -n 1 "$log"
    export PHOTOSEARCH_BUNDLE=$VENV/bundle/out/PhotoSearch
  fi
  # Safe path: nothing is imported from the checkout, here and in every child.
  export PYTHONSAFEPATH=1 PHOTOSEARCH_TEST_INSTALLED=1
  exec "$bin/python" -m pytest "$@"
}

case ${1:-} in
  run) run_window "${@:2}" ;;
  answer) answer "${@:2}" ;;
  test) run_tests "${@:2}" ;;
  packages) need_package_tools ;;
  *) usage ;;
esac
