"""Makes packs for the comparisons: each entry is its length (32 bits, little endian) and its bytes.

pack.py charts GLOB...   the YAML files of chart archives that are no templates
pack.py golden GLOB...   the documents of gzipped manifests
pack.py lines FILE...    the literals of lines `value ...`
"""
import glob, gzip, re, struct, sys, tarfile


def entries(kind, path):
    if kind == "charts":
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith((".yaml", ".yml")):
                    text = archive.extractfile(member).read()
                    if b"{{" not in text or member.name.endswith("values.yaml"):
                        yield text
    elif kind == "golden":
        for document in re.split(rb"(?m)^---.*\n", gzip.open(path).read()):
            if document.strip():
                yield document
    else:
        for line in open(path, "rb"):
            if line.startswith(b"value "):
                yield line[len("value "):].rstrip(b"\n")


seen = set()
for pattern in sys.argv[2:]:
    for path in sorted(glob.glob(pattern, recursive=True)):
        for entry in entries(sys.argv[1], path):
            if entry not in seen:
                seen.add(entry)
                sys.stdout.buffer.write(struct.pack("<I", len(entry)) + entry)
