#!/usr/bin/env bash
# Fuzzes what strangers send: notices, bills and answers of the three channels. docs/dev/fuzz.md
#
#   fuzz.sh [RUNS [TARGET…]]      1000000 runs of each target unless told
. "$(dirname "$0")/lib.sh"

runs=${1:-1000000}
shift $(($# > 0 ? 1 : 0))
[ $# -gt 0 ] || set -- {notice,bill,answer}_{wechat,alipay,unionpay}
need_build_tools
target=$CARGO_TARGET_DIR/fuzz
corpus=$target/corpus
mkdir -p "$corpus"

cargo build --quiet --locked --workspace --example seeds
"$CARGO_TARGET_DIR/debug/examples/seeds" "$corpus"

# What cargo-fuzz passes, without the sanitizer that needs a compiler of tomorrow: there is no unsafe code of ours to look at.
export RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
-Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
-Cllvm-args=-sanitizer-coverage-trace-compares"
host=$(rustc -vV | sed -n 's/^host: //p')
cargo build --quiet --locked --manifest-path fuzz/Cargo.toml --release --target "$host" --target-dir "$target"
built=$target/$host/release
for name in "$@"; do
  mkdir -p "$corpus/$name" "$target/found"
  log=$target/$name.log
  # Small inputs reach every branch of a notice; a bill needs a few lines.
  "$built/$name" "$corpus/$name" -runs="$runs" -max_len=8192 -rss_limit_mb=256 -timeout=1 -print_final_stats=1 \
    -artifact_prefix="$target/found/$name-" >"$log" 2>&1 || {
    tail -n 40 "$log"
    echo "fuzz $name: FAILED, the input lies in $target/found"
    exit 1
  }
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
  rss=$(sed -n 's/^stat::peak_rss_mb: *//p' "$log")
  cover=$(grep -oE 'cov: [0-9]+' "$log" | tail -n 1)
  echo "fuzz $name: $executed runs, $cover, at most $rss MiB, 0 panics"
done
