#!/usr/bin/env python3
"""Writes docs/coverage.md: which share of the branches of real charts their own scenarios reach.

usage: coverage.py BIN CHARTS > docs/coverage.md

CHARTS is a folder of packed charts named OWNER__REPOSITORY__CHART.tgz.
"""
import collections, json, pathlib, subprocess, sys


def main():
    program, charts = sys.argv[1], sorted(pathlib.Path(sys.argv[2]).glob("*.tgz"))
    kinds = ["if", "with", "range", "default", "and/or"]
    rows = collections.defaultdict(lambda: collections.Counter())
    for path in charts:
        run = subprocess.run([program, "coverage", path.name, "--format", "json"], cwd=path.parent, capture_output=True, text=True)
        found = json.loads(run.stdout)["charts"] if run.stdout else []
        repository = "/".join(path.name.split("__")[:2])
        for chart in found:
            for row in (rows[repository], rows[""]):
                row["charts"] += 1
                row["scenarios"] += len(chart["scenarios"])
                row["branches"] += chart["branches"]
                row["reached"] += chart["reached"]
                row["unreached"] += len(chart["unreached"])
                row["keys"] += sum(bool(branch["keys"]) for branch in chart["unreached"])
                row["set"] += sum(bool(branch["set"]) for branch in chart["unreached"])
                row["whole"] += chart["branches"] == chart["reached"]
                for kind in chart["kinds"]:
                    row[kind["kind"]] += kind["branches"]
                    row[kind["kind"] + " reached"] += kind["reached"]

    def share(row, all, some):
        return f"{100 * row[some] / row[all]:.0f} %" if row[all] else "-"

    total = rows.pop("")
    print("<!-- Written by tests/generate/coverage.py. -->")
    print("# How much of real charts is reached\n")
    print("`chart-lint coverage` lists the branches of a chart's own templates that none of its scenarios reaches: the")
    print("default values, `ci/*-values.yaml` and the values files beside `values.yaml`. What is not reached is not checked.\n")
    print(f"{total['charts']} charts with {total['scenarios']} scenarios have {total['branches']} branches, of which "
          f"{total['reached']} are reached, {share(total, 'branches', 'reached')}. Of those that are not, "
          f"{share(total, 'unreached', 'keys')} name what decides about them, and {share(total, 'unreached', 'set')} what to set.\n")
    print("| repository | charts | scenarios | branches | reached | " + " | ".join(f"`{k}`" for k in kinds) + " |")
    print("|---|---:|---:|---:|---:|" + "---:|" * len(kinds))
    for name, row in [("all", total), *sorted(rows.items(), key=lambda item: item[0].lower())]:
        cells = [name, row["charts"], row["scenarios"], row["branches"], share(row, "branches", "reached")]
        cells += [share(row, kind, kind + " reached") for kind in kinds]
        print("| " + " | ".join(map(str, cells)) + " |")


if __name__ == "__main__":
    main()
