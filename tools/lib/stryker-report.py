"""What Stryker found: `stryker-report.py mutation-report.json`. Prints each change that no test noticed, a line for each file, and STRYKER-SUMMARY {json}. Exit code 1 below 85%."""

import json
import sys

GOAL_PERCENT = 85

NOTICED = ("Killed", "Timeout")
UNNOTICED = ("Survived", "NoCoverage")


def main(path: str) -> int:
    with open(path, encoding="utf-8") as report:
        files = json.load(report)["files"]

    noticed, unnoticed = 0, 0
    for name in sorted(files):
        mutants = files[name]["mutants"]
        missed = sorted((mutant for mutant in mutants if mutant["status"] in UNNOTICED), key=lambda mutant: mutant["location"]["start"]["line"])
        caught = sum(mutant["status"] in NOTICED for mutant in mutants)
        if not caught and not missed:
            continue
        noticed += caught
        unnoticed += len(missed)
        print(f"{name.rsplit('/', 1)[-1]}: {caught} of {caught + len(missed)}")
        for mutant in missed:
            change = " ".join(mutant.get("replacement", "").split())[:120]
            print(f"  line {mutant['location']['start']['line']}, {mutant['mutatorName']}: {change} ({mutant['status']})")

    score = 100 * noticed / (noticed + unnoticed) if noticed else 0.0
    print("STRYKER-SUMMARY " + json.dumps({"noticed": noticed, "unnoticed": unnoticed, "scorePercent": round(score, 1)}, separators=(",", ":")))
    return 0 if score >= GOAL_PERCENT else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
