# shellcheck shell=bash
# A throw-away PostgreSQL cluster for one run of the tests: on a free port, gone afterwards. Source it.
#
#   postgres_start    sets PG_URL, an administrator's address
#   postgres_stop     stops it and removes its files; call it from a trap

PG_DIR=

# As the user that PostgreSQL accepts: it refuses to run as root.
_pg() {
  if [ "$(id -u)" -eq 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

_pg_bin() {
  local candidate
  for candidate in $(printf '%s\n' /usr/lib/postgresql/*/bin | sort -Vr); do
    [ -x "$candidate/initdb" ] && printf '%s\n' "$candidate" && return 0
  done
  return 1
}

# Installs the server without a cluster of its own that would start with the machine.
postgres_install() {
  _pg_bin >/dev/null && return 0
  local conf=/etc/postgresql-common/createcluster.d/no-main-cluster.conf
  as_root mkdir -p "$(dirname "$conf")"
  printf 'create_main_cluster = false\n' | as_root tee "$conf" >/dev/null
  apt_install postgresql
  _pg_bin >/dev/null || die "PostgreSQL was installed but its programs were not found"
}

# A run that was killed outright left its cluster behind: take it away.
_pg_sweep() {
  local old owner
  for old in /tmp/baokao-pg.*; do
    [ -f "$old/owner" ] || continue
    owner=$(cat "$old/owner")
    kill -0 "$owner" 2>/dev/null && continue
    _pg "$1/pg_ctl" -D "$old/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$old"
  done
}

postgres_start() {
  local bin port try
  bin=$(_pg_bin)
  _pg_sweep "$bin"
  PG_DIR=$(mktemp -d /tmp/baokao-pg.XXXXXX)
  printf '%s\n' "$$" >"$PG_DIR/owner"
  chmod 755 "$PG_DIR"
  [ "$(id -u)" -ne 0 ] || chown postgres "$PG_DIR"
  (cd "$PG_DIR" && _pg "$bin/initdb" -D "$PG_DIR/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 -N >"$PG_DIR/initdb.log" 2>&1) ||
    { cat "$PG_DIR/initdb.log" >&2; return 1; }
  # The data is thrown away: what makes it survive a crash only costs time here.
  cat >>"$PG_DIR/data/postgresql.conf" <<CONF
listen_addresses = '127.0.0.1'
unix_socket_directories = '$PG_DIR'
fsync = off
synchronous_commit = off
full_page_writes = off
autovacuum = off
max_connections = 400
shared_buffers = 256MB
log_min_messages = fatal
timezone = 'UTC'
CONF
  for try in 1 2 3 4 5; do
    port=$((20000 + RANDOM % 30000))
    port_open "$port" && continue
    if (cd "$PG_DIR" && _pg "$bin/pg_ctl" -D "$PG_DIR/data" -l "$PG_DIR/log" -o "-p $port" -w -t 60 start >/dev/null); then
      PG_URL="postgres://postgres@127.0.0.1:$port/postgres"
      export PG_URL
      return 0
    fi
    say "port $port did not work, try $try"
  done
  cat "$PG_DIR/log" >&2
  return 1
}

postgres_stop() {
  [ -n "$PG_DIR" ] || return 0
  _pg "$(_pg_bin)/pg_ctl" -D "$PG_DIR/data" -m immediate -w stop >/dev/null 2>&1 || true
  rm -rf "$PG_DIR"
  PG_DIR=
}
