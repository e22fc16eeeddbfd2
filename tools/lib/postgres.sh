# A private PostgreSQL 15. Sourced from the repository's root.

# shellcheck source=tools/lib/debian.sh
source tools/lib/debian.sh

_postgres_programs=/usr/lib/postgresql/15/bin

# PostgreSQL refuses root. In a user namespace root is called nobody, yet may still enter every folder: nothing changes hands.
_unprivileged=()
((EUID != 0)) || _unprivileged=(unshare --user --map-user=nobody --map-group=nogroup)

# postgres_start FOLDER [OPTION...]: starts a cluster, with the server's options given, whose data are in FOLDER (made at first use) and which listens on a Unix socket
# alone. Durability is PostgreSQL's default: every commit reaches the disk. Exports SMARTCARD_POSTGRES, a connection string
# for Npgsql to the empty database `smartcard`, whose owner may create others.
postgres_start() {
    need_debian postgresql-15 util-linux || return
    local data=$1 log=$1/log
    shift
    if [[ ! -f $data/PG_VERSION ]]; then
        mkdir -p "$data"
        chmod 700 "$data"
        "${_unprivileged[@]}" "$_postgres_programs/initdb" --pgdata="$data" --username=smartcard --auth=trust \
            --encoding=UTF8 --no-locale >/dev/null || return
    fi

    # A socket's path is at most 107 bytes, so it cannot lie in a folder of the caller's choice.
    _postgres_sockets=$(mktemp -d)
    # It stops with this script, whatever ends that.
    "${_unprivileged[@]}" setpriv --pdeathsig INT \
        "$_postgres_programs/postgres" -D "$data" -k "$_postgres_sockets" -c listen_addresses= -c max_connections=200 "$@" \
        </dev/null >"$log" 2>&1 &
    _postgres_pid=$!

    local client=(--host="$_postgres_sockets" --username=smartcard)
    until "$_postgres_programs/pg_isready" --quiet "${client[@]}" --dbname=postgres; do
        if ! kill -0 "$_postgres_pid" 2>/dev/null; then
            echo "PostgreSQL did not start:" >&2
            cat "$log" >&2
            rm -rf "$_postgres_sockets"
            return 1
        fi
        sleep 0.05
    done
    local databases
    databases=$("$_postgres_programs/psql" "${client[@]}" --dbname=postgres --tuples-only --no-align \
        --command='select datname from pg_database') || return
    grep -qx smartcard <<<"$databases" || "$_postgres_programs/createdb" "${client[@]}" smartcard || return
    export SMARTCARD_POSTGRES="Host=$_postgres_sockets;Username=smartcard;Database=smartcard"
}

# postgres_stop: stops what postgres_start started, and waits for it. The data stay.
postgres_stop() {
    [[ -n ${_postgres_pid:-} ]] || return 0
    kill -INT "$_postgres_pid" 2>/dev/null || true
    wait "$_postgres_pid" 2>/dev/null || true
    rm -rf "$_postgres_sockets"
    unset _postgres_pid _postgres_sockets SMARTCARD_POSTGRES
}
