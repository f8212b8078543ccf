# shellcheck shell=bash
# Shared by the scripts of this folder: messages, folders, installing what is missing. Source it, don't run it.

set -euo pipefail

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
CACHE=${BAOKAO_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$CACHE/baokao-target}
# Tools that cargo builds once and every clone uses.
TOOLS=${BAOKAO_TOOLS:-$CACHE/baokao-tools}
export PATH="$TOOLS/bin:$HOME/.cargo/bin:$PATH"
cd "$ROOT"

say() { printf '%s\n' "$*"; }
die() {
  printf '%s\n' "$*" >&2
  exit 1
}

# as_root CMD…: with sudo unless we are root; never asks for a password when nobody can answer.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    die "需要 root 权限才能安装软件包：请用 root 运行，或安装 sudo。（$*）"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@"
  fi
}

# apt_install PACKAGE…: only those that are missing; does nothing, and needs no root, when none is.
apt_install() {
  local missing=() package
  for package in "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q '^install ok installed$' ||
      missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  say "apt-get install ${missing[*]}"
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install -qq -y --no-install-recommends "${missing[@]}")
  # Package lists may be absent or stale: try with what there is, then once more after an update.
  as_root "${install[@]}" </dev/null >/dev/null 2>&1 && return 0
  as_root apt-get update -qq </dev/null || die "apt-get update failed"
  as_root "${install[@]}" </dev/null >/dev/null || die "无法安装软件包：${missing[*]}"
}

# command_or_apt COMMAND PACKAGE…: nothing if the command is there, from wherever it came.
command_or_apt() {
  local name=$1
  shift
  command -v "$name" >/dev/null || apt_install "$@"
}

# Installs what building the binary needs.
need_build_tools() {
  command -v cargo >/dev/null || die "没有找到 cargo。请先安装 Rust：https://rustup.rs"
  command_or_apt cc gcc libc6-dev
  command_or_apt node nodejs npm
  command_or_apt npm npm
  # Rare characters in names; embedded into the binary.
  apt_install fonts-hanazono
}

# cargo_tool BINARY CRATE VERSION: built once into $TOOLS.
cargo_tool() {
  local binary=$1 crate=$2 version=$3 build
  command -v "$binary" >/dev/null && return 0
  say "cargo install $crate $version (once)"
  build=$(mktemp -d)
  # A tool that runs for a second needs no optimiser: this halves the time it takes to build.
  CARGO_TARGET_DIR="$build" CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_STRIP=true \
    cargo install --quiet --locked --no-track --root "$TOOLS" --version "$version" "$crate" </dev/null
  rm -rf "$build"
}

# port_open PORT: whether something on this machine listens there.
port_open() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }
