#!/usr/bin/python3
"""The manual says what the programs do: the same options, commands, keys, counters and calls

    manuals.py SOURCE PROGRAM...

Every page must satisfy mandoc. Each PROGRAM is asked for its --help, and each of its commands too;
what it lists must stand in its page, and what the page has must be listed. --help and --version
are taken for granted in programs of one command.
"""
import pathlib
import re
import shutil
import subprocess
import sys
import tomllib

if not shutil.which("mandoc"):
    sys.exit(77)
root = pathlib.Path(sys.argv[1])
pages = {p.name: p.read_text(encoding="utf-8") for p in sorted((root / "man").glob("*.[1-8]"))}
trouble = []


def compare(page, what, program, manual):
    trouble.extend(f"man/{page}: {what} {w} is not in it" for w in sorted(program - manual))
    trouble.extend(f"man/{page}: {what} {w} is in it and nowhere else" for w in sorted(manual - program))


def said(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def lint():
    for name in pages:
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning", root / "man" / name], capture_output=True, text=True)
        trouble.extend(done.stdout.splitlines())
        for section in ("EXAMPLES", "EXIT STATUS"):
            if f".Sh {section}" not in pages[name] and not (section == "EXIT STATUS" and name[-1] in "35"):
                trouble.append(f"man/{name}: no section {section}")


def options(text):
    return set(re.findall(r"^ +--([\w-]+)", text, re.M)) | set(re.findall(r"^ +--\w+, --(\w+)", text, re.M))


def commands(text):
    listed = re.search(r"^commands:\n((?:  .+\n)+)", text, re.M)
    return re.findall(r"^  (\S+(?: \S+)*)", listed[1], re.M) if listed else []


def program(path):
    name = pathlib.Path(path).name
    page = next(p for p in pages if p.rsplit(".", 1)[0] == name)
    top = said(path, "--help")
    known = options(top) | {"help", "version"}
    for command in commands(top):
        known |= options(said(path, *command.split(), "--help"))
    if name == "fumibakod":
        keys = set(re.findall(r"^  --(\w+) ", top.split("Keys of the file", 1)[1], re.M))
        known -= keys
        compare("fumibakod.conf.5", "key", keys, set(re.findall(r"^\.It Cm (\w+) No =", pages["fumibakod.conf.5"], re.M)))
    compare(page, "option", known, set(re.findall(r"\bFl -([a-z][\w-]*)", pages[page].replace(".Nm fumibakod Fl", ""))))
    listed = {re.sub(r" (?:Op|Ar)\b.*", "", c) for c in re.findall(r"^\.It Cm ([a-z].*)", pages[page], re.M)}
    compare(page, "command", set(commands(top)), listed if commands(top) else set())
    return page


def counters():
    metrics = tomllib.loads((root / "schemas" / "metrics.toml").read_text(encoding="utf-8"))["metric"]
    section = pages["fumibakod.8"].split(".Sh COUNTERS", 1)[1].split(".Sh", 1)[0]
    manual = {name: " ".join(doc.split()) for name, doc in re.findall(r"^\.It Cm (\w+)(?: \*)?\n((?:[^.].*\n)+)", section, re.M)}
    compare("fumibakod.8", "counter", set(metrics), set(manual))
    trouble.extend(f"man/fumibakod.8: counter {name} is explained otherwise than in metrics.toml"
                   for name, metric in metrics.items() if name in manual and " ".join(metric["doc"].split()) != manual[name])


def library():
    header = (root / "lib" / "sdk" / "fumibako.h").read_text(encoding="utf-8")
    calls = set(re.findall(r"^FUMI_API .*?\b(fumi_\w+)\(", header, re.M))
    compare("libfumibako.3", "call", calls, set(re.findall(r"^\.Fn (fumi_\w+)", pages["libfumibako.3"], re.M)))


lint()
asked = [program(path) for path in sys.argv[2:]]
counters()
library()
print(*trouble, sep="\n")
print(f"{len(pages)} pages, {len(asked)} compared with their program, {len(trouble)} in trouble")
sys.exit(1 if trouble else 0)
