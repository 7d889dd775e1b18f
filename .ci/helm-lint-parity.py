#!/usr/bin/env python3
"""Counts how much of what `helm lint --with-subcharts` says chart-lint says too.

Every chart that Helm fails has to fail here, and every error and warning of Helm's has to have a finding in the same
file. Both programs get the same arguments: the chart, and each chart in its `charts/`.

    helm-lint-parity.py --bin target/release/chart-lint [--floor 100] [--show 20] [--only PART]
"""

import argparse
import concurrent.futures
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
SHARED = os.path.join(HERE, "..", "..", "shared")

# What is left out on purpose: a pattern of Helm's message, and why.
EXPLAINED = [
    (r"^\[WARNING\] templates/: directory does not exist", "a chart of nothing but dependencies needs no templates"),
]

# Which rules say what a message says, where that is clear from its words.
MEANING = [
    (r"failed to strictly parse", {"chart-yaml-unknown-field"}),
    (r"is deprecated in v", {"api-removed", "api-deprecated"}),
    (r"apiVersion is required", {"chart-api-version-invalid"}),
    (r"appVersion should be of type string", {"chart-app-version-type"}),
    (r"is not a valid SemVerV2", {"chart-version-invalid"}),
    (r"^\[ERROR\] crds/", {"crd-directory-invalid"}),
    (r"must contain matchLabels", {"selector-missing", "api-removed"}),
    (r"does not conform to Kubernetes naming", {"invalid-resource-name"}),
    (r"missing these dependencies", {"dependency-missing"}),
    (r"unable to parse YAML", {"yaml-invalid"}),
    (r"parse error at", {"template-parse-error"}),
    (r"values\.yaml: - at|specifications of the schema", {"values-schema-violation"}),
    (r"^\[ERROR\] templates/: ", {"render-failed"}),
]


def message_file(message):
    """The file that a message is about, and what it says; None for one about the chart as a whole."""
    _, rest = message.split("] ", 1)
    subject, text = rest.split(": ", 1)
    if subject != "templates/":
        return (subject if re.search(r"[./]", subject) else None), text
    # An error of a render names the templates, the innermost one last.
    names = re.findall(r"([\w.+-]+/(?:[\w.+-]+/)*[\w.+-]+\.(?:ya?ml|tpl|txt))(?::\d+)?", text)
    return names or None, text


def folders_of(root):
    """The chart, and all charts in it, as Helm finds them."""
    found = [root]
    for folder, _, files in os.walk(os.path.join(root, "charts")):
        for name in sorted(files):
            if name == "Chart.yaml":
                found.append(folder)
            elif name.endswith((".tgz", ".tar.gz")):
                found.append(os.path.join(folder, name))
    return found


def check(job):
    """One chart: whether it fails, and which messages have no finding."""
    binary, archive, expected = job
    with tempfile.TemporaryDirectory() as scratch:
        with tarfile.open(archive) as tar:
            tar.extractall(scratch, filter="data")
        root = os.path.join(scratch, sorted(os.listdir(scratch))[0])
        command = [binary, "--format", "json", "--min-severity", "info", "--no-repo", "--jobs", "1"]
        done = subprocess.run(command + folders_of(root), capture_output=True, check=False)
        try:
            findings = json.loads(done.stdout)["findings"]
        except (ValueError, KeyError):
            return archive, False, list(expected["messages"]), len(expected["messages"])
    places = [(finding["rule"], place["path"])
              for finding in findings for place in [finding["primary"]] + finding["related"]]
    rules = {finding["rule"] for finding in findings}
    missing, count = [], 0
    for message in sorted(set(expected["messages"])):
        if message.startswith("[INFO]"):
            continue
        if any(re.search(pattern, message) for pattern, _ in EXPLAINED):
            continue
        count += 1
        meant = next((rules for pattern, rules in MEANING if re.search(pattern, message)), None)
        paths = {path for rule, path in places if meant is None or rule in meant}
        files, text = message_file(message)
        if files is None:
            # About the chart itself: what its dependencies are, or that values do not fit.
            good = any(path.endswith(("/Chart.yaml", "/values.yaml", "requirements.yaml")) for path in paths)
        else:
            files = [files] if isinstance(files, str) else files
            # The first part of a template's name is the chart's name, not its folder's.
            tails = files + [name.split("/", 1)[1] for name in files if "/" in name and not name.startswith("templates/")]
            tails += [name[name.index("templates/"):] for name in files if "templates/" in name]
            good = any(path.endswith("/" + tail) for path in paths for tail in tails)
            if not good and "templates/" in message[:20]:
                good = "templates-directory-missing" in rules
        if not good:
            missing.append(message)
    fails = done.returncode != 0
    return archive, fails or expected["exit"] == 0, missing, count


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--floor", type=float, default=0.0, help="least share of messages with a finding, and of charts that fail too, in percent")
    parser.add_argument("--show", type=int, default=20)
    parser.add_argument("--only", default="", help="only archives with this in their name")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--corpus", default=os.path.join(SHARED, "corpus"))
    args = parser.parse_args()
    jobs = []
    with open(os.path.join(args.corpus, "golden", "helm-lint.jsonl"), encoding="utf-8") as lines:
        for line in lines:
            expected = json.loads(line)
            # Charts of which Helm says nothing say nothing here.
            if args.only not in expected["archive"]:
                continue
            if expected["exit"] == 0 and all(text.startswith("[INFO]") for text in expected["messages"]):
                continue
            jobs.append((args.bin, os.path.join(args.corpus, "charts", expected["archive"]), expected))
    messages = found = failed = fails = 0
    shown = 0
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        for (_, _, expected), (archive, good, missing, count) in zip(jobs, pool.map(check, jobs)):
            messages += count
            found += count - len(missing)
            fails += expected["exit"] != 0
            failed += expected["exit"] != 0 and good
            lines = ["passes, but fails with Helm"] if not good else []
            for line in lines + missing:
                if shown < args.show:
                    print(os.path.basename(archive), "|", line.replace("\n", " ")[:300])
                    shown += 1
    share = 100.0 * found / max(messages, 1)
    print(f"helm lint: {failed}/{fails} charts that fail, {found}/{messages} messages ({share:.2f} %)")
    for pattern, why in EXPLAINED:
        print(f"  left out: {pattern} ({why})")
    return 0 if min(share, 100.0 * failed / fails if fails else 100.0) >= args.floor else 1


if __name__ == "__main__":
    sys.exit(main())
