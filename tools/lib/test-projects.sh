#!/usr/bin/env bash
# Runs the tests of some projects, one after the other, for tools/test: test-projects.sh FOLDER NICENESS PROJECT..., from the repository's root. Leaves in the folder, for
# each, PROJECT.trx, PROJECT.log (what the run printed) and, when the run did not end with 0, PROJECT.exit.
set -euo pipefail
# shellcheck source=tools/lib/dotnet.sh
source tools/lib/dotnet.sh
# shellcheck source=tools/lib/pcscd.sh
source tools/lib/pcscd.sh

results=$1
niceness=$2
shift 2

# A project's readers are its own, so that one which takes the card service away takes it from no other.
for project in "$@"; do
    echo "$project" >&2
    with_pcscd nice -n "$niceness" timeout --kill-after=10 900 \
        dotnet test "$(built_tests "tests/$project")" --logger "trx;LogFileName=$project.trx" --results-directory "$results" \
        </dev/null >"$results/$project.log" 2>&1 || echo $? >"$results/$project.exit"
done
