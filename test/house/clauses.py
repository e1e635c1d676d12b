#!/usr/bin/python3
"""Every clause of the documents is kept somewhere, and nobody speaks of a clause that is not there

A clause is defined by its number in bold in schemas/*.md (E3.1, P4.2, T1.1, N3.2). Code and tests name it
in a comment or a text: "P4.2", or "P4.2.3" for its third step. The documents' own references to each other count as speaking, not as
keeping. Fails for a number that no document defines, and for an E, P or N clause that neither code nor
test names; tells besides which of the two is lacking.
"""
import pathlib
import re
import sys

DOCUMENTS = ["schemas/ENVELOPE.md", "schemas/PROTOCOL.md", "schemas/THREATS.md", "schemas/FORMS.md"]
CODE = ["lib", "broker", "client", "tools", "schemas"]
TESTS = ["test"]
SUFFIXES = {".c", ".h", ".py", ".toml", ".md", ".sh", ".build", ".mjs", ".js", ""}
NUMBER = re.compile(r"(?<![\w.])([EPTN]\d{1,2}\.\d{1,2})(?:\.(\d{1,2}))?(?!\.?\d)(?!\w)")

root = pathlib.Path(sys.argv[1])


def texts(folders):
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            name = path.relative_to(root).as_posix()
            if path.is_file() and path.suffix in SUFFIXES and "corpus" not in path.parts and name not in DOCUMENTS:
                yield name, path.read_text(encoding="utf-8", errors="replace")


def named_in(sources):
    found = {}
    for name, text in sources:
        for number, step in NUMBER.findall(text):
            found.setdefault(number, name)
            if step:
                steps.setdefault(f"{number}.{step}", name)
    return found


defined, written, steps, trouble = {}, set(), {}, []
for document in DOCUMENTS:
    number = None
    for line in (root / document).read_text(encoding="utf-8").splitlines():
        if begun := re.match(r"- \*\*([EPTN]\d+\.\d+)\*\*", line):
            number = begun[1]
            if number in defined:
                trouble.append(f"{document}: {number} is defined twice, before in {defined[number]}")
            defined[number] = document
        elif step := re.match(r"  (\d+)\. ", line):
            written.add(f"{number}.{step[1]}")

code, tests = named_in(texts(CODE)), named_in(texts(TESTS))
spoken = named_in((d, (root / d).read_text(encoding="utf-8")) for d in DOCUMENTS)
for number, place in sorted({**spoken, **tests, **code}.items()):
    if number not in defined:
        trouble.append(f"{place}: {number} is no clause of any document")

trouble += [f"{place}: {step} is no step of any clause" for step, place in sorted(steps.items()) if step not in written]

order = sorted((n for n in defined if n[0] in "EPN"), key=lambda n: (n[0], [int(i) for i in n[1:].split(".")]))
trouble += [f"{defined[n]}: {n} is named by no code and no test" for n in order if n not in code and n not in tests]
print("named in code, in no test:", *[n for n in order if n in code and n not in tests])
print("named in a test, in no code:", *[n for n in order if n in tests and n not in code])
print(*trouble, sep="\n")
print(f"{len(defined)} clauses, {len(trouble)} in trouble")
sys.exit(1 if trouble or len(order) < 40 else 0)
