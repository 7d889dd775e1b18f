#!/usr/bin/env python3
"""Writes tests/vectors/functions-a.jsonl: random calls of Sprig's functions on strings, lists, dicts, numbers,
paths and URLs, with what real Helm answers.

usage: functions_a.py ORACLE > ../vectors/functions-a.jsonl

ORACLE is the Go program that renders templates with Helm's engine. Each question is asked twice or more, and what it
answers in two ways (the order of keys, addresses) is left out. functions_a_calls.py makes calls of all functions with
arguments of all kinds; functions_a_texts.py texts of awkward characters, capacities of lists, rounding;
functions_a_objects.py calls with versions, dates and Helm's objects.
"""
import collections, json, pathlib, re, subprocess, sys, tempfile, threading

HERE = pathlib.Path(__file__).parent
SOURCES = [("functions_a_calls.py", 7, 9000), ("functions_a_texts.py", 7, 4000), ("functions_a_objects.py", 7, 1500)]
PER_FUNCTION = 15
LONGEST = 700
TIMEOUT = 10
# What gives something in the order of a map.
ORDERED = re.compile(r"\b(keys|values)\b")


def questions():
    for script, seed, count in SOURCES:
        command = [sys.executable, str(HERE / script), str(seed), str(count)]
        for line in subprocess.run(command, capture_output=True, check=True, text=True).stdout.splitlines():
            question = json.loads(line)
            used = re.findall(r"\.Values\.(\w+)", question["template"])
            whole = re.search(r"\.Values(?!\.\w)", question["template"])
            if "values" in question and not whole:
                question["values"] = {key: value for key, value in question["values"].items() if key in used}
                if not question["values"]:
                    del question["values"]
            if "files" in question and ".Files" not in question["template"]:
                del question["files"]
            yield question


def answers(oracle, asked):
    """What the oracle says, None where it dies or never ends (a dict that holds itself)."""
    found = []
    while len(found) < len(asked):
        with tempfile.TemporaryFile() as questions:
            questions.write("".join(json.dumps(question) + "\n" for question in asked[len(found):]).encode())
            questions.seek(0)
            program = subprocess.Popen([oracle], stdin=questions, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        while len(found) < len(asked):
            timer = threading.Timer(TIMEOUT, program.kill)
            timer.start()
            line = program.stdout.readline()
            timer.cancel()
            if not line.endswith(b"\n"):
                found.append(None)
                break
            found.append(json.loads(line))
        program.kill()
        program.wait()
    return found


def main():
    asked = list(questions())
    first, second = answers(sys.argv[1], asked), answers(sys.argv[1], asked)
    in_order = answers(sys.argv[1], [question for question in asked if ORDERED.search(question["template"])] * 80)
    random = {json.dumps(answer["id"]) for answer in in_order if answer and answer not in first}
    seen, kept = set(), collections.Counter()
    for question, answer, again in zip(asked, first, second):
        if answer is None or answer != again or question["template"] in seen or json.dumps(question["id"]) in random:
            continue
        seen.add(question["template"])
        name = question["id"].split("-")[0]
        if name[0] == "g" and name[1].isdigit():
            bare = re.sub(r'"(\\.|[^"\\])*"', "", question["template"])
            called = re.search(r"\b(?!(printf|with|dict|list|[a-z])\b)(?<![.$])([a-z]\w+)", bare)
            name = called.group(2) if called else "other"
        is_error = "error" in answer
        vector = {"id": f"{name}-{kept[name] + 1:03}", **{k: v for k, v in question.items() if k != "id"}}
        vector |= {k: v for k, v in answer.items() if k != "id"}
        line = json.dumps(vector, ensure_ascii=False)
        limit = PER_FUNCTION * (12 if name in ("slice", "splitList", "round", "addf") else 1)
        if len(line) > LONGEST or kept[name] >= limit or (is_error and kept[name, "error"] >= limit // 3):
            continue
        kept[name] += 1
        kept[name, "error"] += is_error
        print(line)


main()
