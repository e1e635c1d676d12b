#!/usr/bin/python3
"""An include goes down or sideways, never up, and few rooms may touch the outside world.

Reads every source file and compares its includes with the table below.
"""
import pathlib
import re
import sys

FLOORS = {  # floor: floors it may include from
    "base": "base",
    "form": "base schemas form",
    "xml": "base schemas form xml",
    "tax": "base crypt schemas form xml sdk tax",
    "wire": "base wire schemas",
    "crypt": "base crypt",
    "evidence": "base crypt evidence",
    "letter": "base wire crypt evidence letter schemas",
    "net": "base wire crypt net schemas",
    "cli": "base schemas cli",
    "sdk": "base wire crypt evidence letter net sdk schemas",
    "store": "base crypt store",
    "core": "base wire crypt evidence letter schemas store core",
    "metric": "base metric schemas",
    "sandbox": "base sandbox",
    "ipc": "base wire crypt schemas ipc",
    "front": "base wire crypt schemas net ipc sandbox metric front",
    "keeper": "base wire crypt evidence letter schemas store core ipc sandbox metric keeper",
}
OUTSIDE = {  # header, or folder of headers: the only places that may include it
    "sodium.h": ["lib/crypt/", "lib/base/secret.c"],
    "zmq.h": ["lib/net/", "broker/front/"],
    "libxml/": ["lib/xml/"],
    "xmlsec/": ["lib/xml/"],
    "zip.h": ["lib/tax/"],
    "lmdb.h": ["broker/store/", "lib/sdk/spool"],
}

root = pathlib.Path(sys.argv[1])
wrong = []
seen = 0
for path in sorted([*root.glob("lib/**/*.[ch]"), *root.glob("broker/**/*.[ch]")]):
    name = path.relative_to(root).as_posix()
    parts = name.split("/")
    floor = parts[1] if len(parts) > 2 else None
    for number, line in enumerate(path.read_text().splitlines(), 1):
        for header, places in OUTSIDE.items():
            rest = "[^>]*" if header.endswith("/") else ""
            if re.match(rf"#include <{re.escape(header)}{rest}>", line) and not any(name.startswith(p) for p in places):
                wrong.append(f"{name}:{number}: {header} belongs to {', '.join(places)}")
        found = re.match(r'#include "(\w+)/', line)
        if found and floor in FLOORS:
            seen += 1
            if found[1] not in FLOORS[floor].split():
                wrong.append(f"{name}:{number}: {floor} must not include from {found[1]}")
        if floor and floor not in FLOORS:
            wrong.append(f"{name}: folder {floor} is not in the table of floors")
            break
print(*wrong, sep="\n")
sys.exit(1 if wrong or seen < 20 else 0)
