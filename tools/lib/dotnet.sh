# Building and finding the programs of this repository. Sourced by the scripts in tools/ from the repository's root.

export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SKIP_FIRST_TIME_EXPERIENCE=1
SMARTCARD_CONFIGURATION=${SMARTCARD_CONFIGURATION:-Release}

# build_project FOLDER: builds one project and what it needs; says nothing unless it fails. The projects share a compiler that is warm after the first of them and ends
# with the build. It instruments no code of the compiler's and the analysers': none of them runs long enough to earn back what the runtime would learn about it.
build_project() {
    local log compiler=smartcard-$BASHPID code=0
    log=$(mktemp)
    if [[ -t 2 ]]; then echo "building $1 ..." >&2; fi
    DOTNET_TieredPGO=0 SharedCompilationId=$compiler dotnet build "$1" -c "$SMARTCARD_CONFIGURATION" --nologo -v quiet -clp:NoSummary -p:UseSharedCompilation=true >"$log" 2>&1 || code=$?
    pkill -f -- "-pipename:$compiler\$" || true
    ((code == 0)) || cat "$log" >&2
    rm -f "$log"
    return "$code"
}

# built_program FOLDER: path of the program that build_project made.
built_program() {
    echo "$PWD/$1/bin/$SMARTCARD_CONFIGURATION/net10.0/$(basename "$1")"
}

# built_tests FOLDER: path of the test assembly that build_project made.
built_tests() {
    echo "$PWD/$1/bin/$SMARTCARD_CONFIGURATION/net10.0/SmartCard.$(basename "$1").Tests.dll"
}

# current_program FOLDER [FOLDER ...]: path of the program of the first folder, built before when it was never built or when sources there, or in one of
# the other folders, are newer.
current_program() {
    local program
    program=$(built_program "$1")
    if ! is_current "$program.dll" "$@"; then
        exec 9<"$1"
        flock 9 # two at once would build over each other
        if ! is_current "$program.dll" "$@"; then
            build_project "$1" || return
            touch "$program.dll" # a build that had nothing to do leaves it as old as it was
        fi
        exec 9<&-
    fi
    echo "$program"
}

# is_current FILE FOLDER ...: nothing in the folders is newer than the file.
is_current() {
    local file=$1
    shift
    [[ -f $file ]] && [[ -z $(find "$@" Directory.Build.props Directory.Build.targets Directory.Packages.props \
        \( -name bin -o -name obj \) -prune -o \
        \( -name '*.cs' -o -name '*.csproj' -o -name '*.json' -o -name '*.props' -o -name '*.targets' \) -newer "$file" -print -quit) ]]
}
