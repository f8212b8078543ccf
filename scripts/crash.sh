#!/usr/bin/env bash
# Power cuts: candidates sign up and apply while a shim notes every write and sync of the database; then the disk is rebuilt as it
# would be after a cut at many instants, and everything that was answered until then must be there. The control run
# doesn't sync, and must lose something: otherwise the harness would notice nothing.
. "$(dirname "$0")/lib.sh"

CUTS=${CRASH_CUTS:-120}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cargo build --locked --quiet --workspace --example crash
crash=$CARGO_TARGET_DIR/debug/examples/crash
shim=$CARGO_TARGET_DIR/powercut.so
cc -shared -fPIC -O2 -Wall -Wextra -Werror -o "$shim" scripts/powercut.c -ldl -lpthread

# run NAME: streams with that durability, then prints what the cuts came to.
run() {
  mkdir "$work/$1"
  POWERCUT_FOLDER="$work/$1" POWERCUT_JOURNAL="$work/$1.journal" LD_PRELOAD="$shim" \
    "$crash" stream "$work/$1" "$1" >&2
  "$crash" check "$work/$1.journal" "$CUTS"
}

# field NAME LINE: the number behind a word.
field() { sed -n "s/.*\b$1 \([0-9]*\).*/\1/p" <<<"$2" | tail -n 1; }

full=$(run full)
say "synced:     ${full##*$'\n'}"
off=$(run off)
say "not synced: ${off##*$'\n'}"

status=0
for word in lost damaged broken; do
  if [ "$(field "$word" "$full")" != 0 ]; then
    say "$full"
    status=1
  fi
done
[ "$(field cuts "$full")" -ge 100 ] || { say "too few cuts"; status=1; }
[ "$(field lost "$off")" -gt 0 ] || { say "the control run lost nothing"; status=1; }
say "crash: $(field cuts "$full") cuts, $(field answers "$full") answers, $(field looked-for "$full") looked for," \
  "$(field lost "$full") lost, $(field damaged "$full") damaged, $(field broken "$full") invariants broken;" \
  "without syncs $(field lost "$off") lost in $(field cuts-with-loss "$off") cuts"
exit "$status"
