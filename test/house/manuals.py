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


def flags(text):
    return set(re.findall(r"\bFl -([a-z][\w-]*)", text))


def sections(page):
    """What the page says under each of its commands, and what it says of options to all of them."""
    text = pages[page].split(".Sh DESCRIPTION", 1)[1]
    text, common = re.split(r"^\.Ss Options of every command|^Every command", text, maxsplit=1, flags=re.M)
    parts = re.split(r"^\.It Cm ([a-z]+(?: [a-z]+)*)\b.*\n", text, flags=re.M)
    return dict(zip(parts[1::2], (re.split(r"^\.Ss ", part, flags=re.M)[0] for part in parts[2::2]))), common


def one_command(page, path, command, under, common):
    known = options(said(path, *command.split(), "--help"))
    listed = {w for line in re.findall(r"^\.It Fl .*", under, re.M) for w in flags(line)}
    trouble.extend(f"man/{page}: {command} lacks --{w}" for w in sorted(known - listed - flags(common)))
    trouble.extend(f"man/{page}: {command} has no --{w}" for w in sorted(listed - known))


def program(path):
    name = pathlib.Path(path).name
    page = next(p for p in pages if p.rsplit(".", 1)[0] == name)
    top = said(path, "--help")
    known = options(top) | {"help", "version"}
    if commands(top):
        under, common = sections(page)
        compare(page, "command", set(commands(top)), set(under))
        for command in commands(top):
            known |= options(said(path, *command.split(), "--help"))
            one_command(page, path, command, under.get(command, ""), common)
    if name == "fumibakod":
        keys = set(re.findall(r"^  --(\w+) ", top.split("Keys of the file", 1)[1], re.M))
        known -= keys
        compare("fumibakod.conf.5", "key", keys, set(re.findall(r"^\.It Cm (\w+) No =", pages["fumibakod.conf.5"], re.M)))
    compare(page, "option", known, flags(pages[page]))


def counters():
    metrics = tomllib.loads((root / "schemas" / "metrics.toml").read_text(encoding="utf-8"))["metric"]
    section = pages["fumibakod.8"].split(".Sh COUNTERS", 1)[1].split(".Sh", 1)[0]
    manual = {name: " ".join(doc.split()) for name, doc in re.findall(r"^\.It Cm (\w+)(?: \*)?\n((?:[^.].*\n)+)", section, re.M)}
    compare("fumibakod.8", "counter", set(metrics), set(manual))
    trouble.extend(f"man/fumibakod.8: counter {name} is explained otherwise than in metrics.toml"
                   for name, metric in metrics.items() if name in manual and " ".join(metric["doc"].split()) != manual[name])


def library(page, header, *folders):
    """The calls of a header, and the page's example as a compiler sees it."""
    text = (root / header).read_text(encoding="utf-8")
    calls = set(re.findall(r"^FUMI_API .*?\b(fumi_\w+)\(", text, re.M))
    compare(page, "call", calls, set(re.findall(r"^\.Fn (fumi_\w+)", pages[page], re.M)))
    example = re.search(r"^\.Bd -literal\n(.*?)^\.Ed", pages[page], re.M | re.S)[1].replace("\\e", "\\")
    done = subprocess.run(["cc", "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-fsyntax-only",
                           *(f"-I{root / folder}" for folder in folders), "-x", "c", "-"],
                          input=example, capture_output=True, text=True)
    trouble.extend(f"man/{page}: the example: {line}" for line in done.stderr.splitlines())


lint()
for path in sys.argv[2:]:
    program(path)
counters()
library("libfumibako.3", "lib/sdk/fumibako.h", "lib/sdk")
library("libfumibako-tax.3", "lib/tax/fumibako_tax.h", "lib/tax", "lib/sdk")
print(*trouble, sep="\n")
print(f"{len(pages)} pages, {len(sys.argv) - 2} compared with their program, {len(trouble)} in trouble")
sys.exit(1 if trouble or len(sys.argv) < 3 else 0)
