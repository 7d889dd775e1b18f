#!/usr/bin/env python3
"""Writes tests/vectors/functions-b.jsonl: random calls of the functions for regular expressions, versions, dates,
hashes, keys, JSON, TOML and YAML, with what real Helm answers.

usage: functions_b.py ORACLE > ../vectors/functions-b.jsonl

ORACLE is the Go program that renders templates with Helm's engine. Each question is asked several times, and what it
answers in two ways (the order of keys) is left out. Each of the scripts functions_b_*.py makes the questions of some
chapters: `SCRIPT SEED COUNT`.
"""
import collections, json, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).parent
SOURCES = [("functions_b_texts.py", 3), ("functions_b_dates.py", 3), ("functions_b_data.py", 3), ("functions_b_calls.py", 3)]
COUNT = 12000
# How many bytes each chapter may take: the first part of an id.
BYTES = {"regexp": 90_000, "semver": 55_000, "date": 90_000, "json": 50_000, "toml": 80_000, "yaml": 95_000,
         "fromYaml": 55_000, "call": 60_000, "crypto": 15_000}
LONGEST = 600
TIMES = 4


def questions():
    for script, seed in SOURCES:
        command = [sys.executable, str(HERE / script), str(seed), str(COUNT)]
        for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
            question = json.loads(line)
            values = question.get("values", {})
            used = {key: value for key, value in values.items() if f".Values.{key}" in question["template"]}
            if used:
                question["values"] = used
            else:
                question.pop("values", None)
            yield question


def answers(oracle, asked):
    """What the oracle says."""
    sent = "".join(json.dumps(question) + "\n" for question in asked)
    program = subprocess.run([oracle], input=sent, capture_output=True, text=True)
    return [json.loads(line) for line in program.stdout.splitlines()]


def main():
    asked = list(questions())
    first = answers(sys.argv[1], asked)
    again = [answers(sys.argv[1], asked) for _ in range(1, TIMES)]
    seen, counts, sizes = set(), collections.Counter(), collections.Counter()
    for at, (question, answer) in enumerate(zip(asked, first, strict=True)):
        if any(other[at] != answer for other in again):
            continue
        kind = question["id"]
        what = json.dumps([question["template"], question.get("values")])
        counted = (kind, answer.get("error", "")[-25:])
        # An error is not told again and again.
        if what in seen or "error" in answer and counts[counted] >= 8:
            continue
        seen.add(what)
        counts[kind] += 1
        vector = {"id": f"{kind}-{counts[kind]:03}", **{key: value for key, value in question.items() if key != "id"}}
        vector |= {key: value for key, value in answer.items() if key != "id"}
        line = json.dumps(vector, ensure_ascii=False)
        if len(line) > (LONGEST if kind != "crypto" else 4000) or sizes[kind] + len(line) > BYTES[kind]:
            counts[kind] -= 1
            continue
        sizes[kind] += len(line.encode())
        counts[counted] += 1
        print(line)


main()
