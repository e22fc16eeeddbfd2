"""Reports what tools/test ran: a line a project, the failures, and the sum as the last line.

test-report.py FOLDER PROJECT...: the folder holds PROJECT.trx, PROJECT.log (what the run printed) and, when the run did not
end with 0, PROJECT.exit. Exits with 1 when a test failed, when a run ended badly without one, or when no test ran.
"""

import pathlib
import sys
import xml.etree.ElementTree as xml

NAMESPACE = {"trx": "http://microsoft.com/schemas/VisualStudio/TeamTest/2010"}
LOG_LINES_MAX = 40


def main(folder, projects):
    sum_passed = sum_failed = sum_skipped = 0
    for project in projects:
        results = read_results(folder / f"{project}.trx")
        failures = [result for result in results if outcome(result) == "Failed"]
        passed = sum(outcome(result) == "Passed" for result in results)
        skipped = len(results) - passed - len(failures)
        # A run that broke off has lost tests: that is a failure, whatever the others said.
        broke_off = not failures and (not results or (folder / f"{project}.exit").exists())
        failed = len(failures) + broke_off

        print(f"{project:16} {passed} passed, {failed} failed, {skipped} skipped")
        for failure in failures:
            print_failure(failure)
        if broke_off:
            print_log(folder / f"{project}.log")
        sum_passed, sum_failed, sum_skipped = sum_passed + passed, sum_failed + failed, sum_skipped + skipped

    print(f"{sum_passed} passed, {sum_failed} failed, {sum_skipped} skipped")
    return 0 if sum_passed and not sum_failed else 1


def read_results(path):
    if not path.exists():
        return []
    return xml.parse(path).getroot().findall("trx:Results/trx:UnitTestResult", NAMESPACE)


def outcome(result):
    return result.get("outcome")


def print_failure(result):
    print(f"  {result.get('testName')}")
    for part in ("Message", "StackTrace"):
        text = result.findtext(f"trx:Output/trx:ErrorInfo/trx:{part}", default="", namespaces=NAMESPACE)
        for line in text.splitlines():
            print(f"    {line}")


def print_log(path):
    print("  The run broke off. Its last words:")
    for line in path.read_text(errors="replace").splitlines()[-LOG_LINES_MAX:]:
        print(f"    {line}")


sys.exit(main(pathlib.Path(sys.argv[1]), sys.argv[2:]))
