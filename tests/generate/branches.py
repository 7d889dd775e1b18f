#!/usr/bin/env python3
"""Writes the end of docs/coverage.md: does real Helm agree about branches that are not reached, and how to reach them?

usage: branches.py BIN HELM CHARTS >> docs/coverage.md

Puts `{{ fail "REACHED" }}` into a branch that `chart-lint coverage` says no scenario reaches, and asks Helm: with the
default values, with the values files that are scenarios, and with what `coverage` says to set.
"""
import json, pathlib, random, subprocess, sys, tarfile, tempfile

CHARTS = """Kong__charts__kong bitnami__charts__redis cert-manager__cert-manager__cert-manager
prometheus-community__helm-charts__prometheus argoproj__argo-helm__argo-cd
aws__eks-charts__aws-load-balancer-controller backstage__charts__backstage helm__charts__nextcloud
apache__apisix-helm-chart__apisix influxdata__helm-charts__telegraf openstack__openstack-helm__glance
traefik__traefik-helm-chart__traefik""".split()
# Branches of each chart.
EACH = 2


def main():
    program, helm, charts = sys.argv[1:4]
    random.seed(5)
    print("\n## Asked Helm\n")
    print("Branches that are not reached, picked at random. Real Helm was asked whether each runs with the chart's own")
    print("scenarios (`before`), and with what `coverage` says to set (`after`).\n")
    print("| chart | branch | condition | set | before | after |")
    print("|---|---|---|---|---|---|")
    for name in CHARTS:
        with tempfile.TemporaryDirectory() as folder:
            with tarfile.open(pathlib.Path(charts, name + ".tgz")) as archive:
                archive.extractall(folder, filter="data")
            (chart,) = pathlib.Path(folder).iterdir()
            report = subprocess.run([program, "coverage", chart, "--format", "json"], capture_output=True, text=True)
            (found,) = json.loads(report.stdout)["charts"]
            good = [branch for branch in found["unreached"] if branch["set"] and branch["when"]
                    and not branch["uncalled"] and branch["kind"] in ("if", "with", "range")]
            random.shuffle(good)
            for branch in good[:EACH]:
                path = pathlib.Path(branch["path"])
                text = path.read_bytes()
                body = text.index(b"}}", branch["endByte"]) + 2
                path.write_bytes(text[:body] + b'{{ fail "REACHED" }}' + text[body:])

                def reaches(*flags):
                    run = subprocess.run([helm, "template", "release", chart, *flags], capture_output=True, text=True)
                    if "REACHED" in run.stderr:
                        return "reached"
                    refused = "execution error" in run.stderr or "schema" in run.stderr
                    return "refused by the chart" if run.returncode and refused else "not reached"

                before = {reaches(), *(reaches("-f", chart / file) for file in found["scenarios"][1:])}
                after = reaches(*(flag for key in branch["set"] for flag in ("--set-json", key)))
                path.write_bytes(text)
                where = f"{path.relative_to(chart)}:{branch['line']}"
                condition = branch["condition"].replace("|", "\\|")
                settings = " ".join(branch["set"]).replace("|", "\\|")
                print(f"| {name.replace('__', '/')} | {where} | `{condition}` | `{settings}` | "
                      f"{', '.join(sorted(before))} | {after} |", flush=True)


if __name__ == "__main__":
    main()
