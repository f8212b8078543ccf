#!/usr/bin/env bash
# The tests, in the order in which they are cheapest to fail. `test.sh all` is what CI runs.
#
#   check    formatting, lints, architecture, scripts, dependencies
#   unit     tests of scripts; unit, property, store and HTTP tests on both databases, doc tests, SQL coverage
#   journey  the browser journey
#   staff-manual  the pictures of docs/staff, taken by the walk through a whole recruitment
#   crash    the power-cut harness
#   money    payments under every fault
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/postgres.sh"

NEXTEST_VERSION=0.9.143
DENY_VERSION=0.20.2
LOGS=$CARGO_TARGET_DIR/baokao-logs
SUMMARY=()
MONEY=
started=$SECONDS

# The end of the output tells all: what each stage took, and the closing lines of the test runners.
finish() {
  local status=$?
  [ -z "$MONEY" ] || kill -- "-$MONEY" 2>/dev/null || true
  postgres_stop
  printf '\n== Summary\n'
  printf '%s\n' "${SUMMARY[@]+"${SUMMARY[@]}"}"
  if [ "$status" -eq 0 ]; then
    printf 'all passed in %d s\n' $((SECONDS - started))
  else
    printf 'FAILED after %d s (exit code %d)\n' $((SECONDS - started)) "$status"
  fi
  exit "$status"
}

# stage NAME CMD…: a heading, the command, its time; the run ends at the first that fails.
stage() {
  local name=$1 log begin=$SECONDS status closing
  shift
  log=$LOGS/${name//[^a-zA-Z0-9]/-}.log
  printf '\n== %s\n' "$name"
  # Not `cmd || status=$?`: bash would then ignore a failure in the middle of a function.
  set +e
  (set -e && "$@") </dev/null 2>&1 | tee "$log"
  status=${PIPESTATUS[0]}
  set -e
  closing=$(grep -aE '^ +Summary \[|^test result:|^(# |ℹ )(tests|pass|fail|skipped) [0-9]|^(sql|arch|crash|money[a-z -]*): ' "$log" |
    sed 's/\x1b\[[0-9;]*m//g; s/^ */    /' | tail -n 12 || true)
  if [ "$status" -eq 0 ]; then
    SUMMARY+=("ok    $name, $((SECONDS - begin)) s")
  else
    SUMMARY+=("FAIL  $name, $((SECONDS - begin)) s")
  fi
  [ -z "$closing" ] || SUMMARY+=("$closing")
  [ "$status" -eq 0 ] || exit "$status"
}

install_for_tests() {
  need_build_tools
  apt_install shellcheck
  command_or_apt sqlite3 sqlite3
  cargo_tool cargo-nextest cargo-nextest "$NEXTEST_VERSION"
  cargo_tool cargo-deny cargo-deny "$DENY_VERSION"
  postgres_install
  scripts/assets.sh
}

install_for_journey() {
  # Without the CJK font a screenshot shows boxes; poppler and zbar read PDF text and bar codes back.
  command_or_apt chromium chromium
  apt_install fonts-noto-cjk faketime
  command_or_apt pdftotext poppler-utils
  command_or_apt zbarimg zbar-tools
}

shell_scripts() {
  shellcheck -x -P SCRIPTDIR scripts/*.sh .ci/run
}

# Licences, sources and bans are checked without a network. Known vulnerabilities need the advisory database, which
# not every machine can fetch: their check is worth doing where it can (`cargo deny check advisories`).
dependencies() {
  cargo deny --locked --all-features check --hide-inclusion-graph licenses bans sources
  echo "advisories: not checked here (needs the network); run 'cargo deny check advisories' where it is reachable"
}

build_tests() {
  cargo nextest run --locked --workspace --no-run
}

# With an example beside it, so that all crates are those of the tests and nothing is built a second time.
build_server() {
  cargo build --locked --quiet --workspace --bin baokao --example crash
}

# Both databases in one run: each store test has a half for each.
rust_tests() {
  export BAOKAO_TEST_PG=$PG_URL
  cargo nextest run --locked --workspace --no-fail-fast --status-level slow --final-status-level fail
}

doc_tests() {
  cargo test --locked --workspace --doc --quiet
}

checks() {
  stage "formatting" cargo fmt --all --check
  stage "clippy" cargo clippy --locked --quiet --workspace --all-targets -- -D warnings
  stage "architecture" cargo xtask arch
  stage "shell scripts" shell_scripts
  stage "dependencies" dependencies
}

with_postgres() {
  [ -n "${PG_URL:-}" ] || stage_postgres
}

# Not a `stage`: it has to set variables here, which a pipe would lose.
stage_postgres() {
  printf '\n== PostgreSQL\n'
  postgres_start
  say "throw-away cluster at $PG_URL"
}

# What of the pages' scripts can be looked at without a browser.
script_tests() {
  node --test --test-reporter=spec tests/unit/*.test.mjs
}

units() {
  stage "tests of scripts" script_tests
  with_postgres
  export BAOKAO_SQL_TRACE=$CARGO_TARGET_DIR/baokao-sql-trace
  rm -rf "$BAOKAO_SQL_TRACE"
  mkdir -p "$BAOKAO_SQL_TRACE"
  stage "unit, store and HTTP tests" rust_tests
  stage "doc tests" doc_tests
  stage "SQL coverage" cargo xtask sql "$BAOKAO_SQL_TRACE"
  unset BAOKAO_SQL_TRACE
}

journeys() {
  with_postgres
  export BAOKAO_TEST_PG=$PG_URL
  stage "build the server" build_server
  export BAOKAO_BIN=$CARGO_TARGET_DIR/debug/baokao
  # A walk waits for its browser half of the time: two of them fill two cores.
  stage "browser journey" node --test --test-reporter=spec --test-concurrency=2 tests/browser/*.test.mjs
}

# Only the walk that takes the pictures; the check that the manual shows them all comes with the journey.
staff_manual() {
  stage "build the server" build_server
  export BAOKAO_BIN=$CARGO_TARGET_DIR/debug/baokao STAFF_MANUAL_REFRESH=1
  stage "staff manual" node --test --test-reporter=spec --test-name-pattern=sqlite tests/browser/recruitment.test.mjs
  du -sh docs/staff/pictures
}

# Databases and browsers wait more than they work: schedules take what those leave of the machine, at the lowest priority.
money_begins() {
  rm -f "$LOGS/money.rc"
  # Of its own process group, so that all of it can be ended.
  set -m
  (set +e; nice -n 19 scripts/money.sh; echo $? >"$LOGS/money.rc") </dev/null >"$LOGS/money.log" 2>&1 &
  MONEY=$!
  set +m
}

money_ends() {
  while [ ! -e "$LOGS/money.rc" ] && kill -0 "$MONEY" 2>/dev/null; do sleep 1; done
  cat "$LOGS/money.log"
  return "$(cat "$LOGS/money.rc" 2>/dev/null || echo 1)"
}

crashes() {
  stage "crash harness" scripts/crash.sh
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$LOGS"

install_for_tests
case ${1:-all} in
  check) checks ;;
  unit) units ;;
  journey)
    install_for_journey
    journeys
    ;;
  staff-manual)
    install_for_journey
    staff_manual
    ;;
  crash) crashes ;;
  money) stage "money" scripts/money.sh ;;
  all)
    install_for_journey
    checks
    stage "build the tests" build_tests
    money_begins
    units
    crashes
    journeys
    stage "money" money_ends
    ;;
  *) die "usage: $0 all|check|unit|journey|staff-manual|crash|money" ;;
esac
