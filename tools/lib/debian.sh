# Debian packages that the scripts in tools/ need. Sourced.

# need_debian PACKAGE...: installs those that are missing; the system is left alone when none is.
need_debian() {
    local package missing=()
    for package in "$@"; do
        [[ $(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) == installed ]] || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    if ((EUID != 0)); then
        echo "These Debian packages are missing; install them as root: apt-get install ${missing[*]}" >&2
        return 1
    fi
    echo "installing ${missing[*]} ..." >&2
    local log
    log=$(mktemp)
    if ! { _apt_get update && _apt_get install --yes --no-install-recommends "${missing[@]}"; } </dev/null >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# Waits for another apt-get rather than failing beside it, and asks nothing.
_apt_get() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --option DPkg::Lock::Timeout=300 "$@"
}
