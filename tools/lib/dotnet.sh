# Building and finding the programs of this repository. Sourced by the scripts in tools/ from the repository's root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
SMARTCARD_CONFIGURATION=${SMARTCARD_CONFIGURATION:-Release}

# build_project FOLDER: builds one project and what it needs; says nothing unless it fails.
build_project() {
    local log
    log=$(mktemp)
    if [[ -t 2 ]]; then echo "building $1 ..." >&2; fi
    if ! dotnet build "$1" -c "$SMARTCARD_CONFIGURATION" --nologo -v quiet -clp:NoSummary >"$log" 2>&1; then
        cat "$log" >&2
        rm -f "$log"
        return 1
    fi
    rm -f "$log"
}

# built_program FOLDER: path of the program that build_project made.
built_program() {
    echo "$PWD/$1/bin/$SMARTCARD_CONFIGURATION/net10.0/$(basename "$1")"
}

# built_tests FOLDER: path of the test assembly that build_project made.
built_tests() {
    echo "$PWD/$1/bin/$SMARTCARD_CONFIGURATION/net10.0/SmartCard.$(basename "$1").Tests.dll"
}
