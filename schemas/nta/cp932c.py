#!/usr/bin/env python3
"""cp932c - reads cp932.txt, checks it, and writes the C table of lib/form/cp932.c

    cp932c.py --table cp932.txt --out FILE

A slip fails the build and names the line.
"""
import argparse
import pathlib
import re
import sys
import unicodedata

TRAILS = [*range(0x40, 0x7F), *range(0x80, 0xFD)]
NONE = "."


def refuse(number, why):
    sys.exit(f"cp932c: cp932.txt:{number}: {why}")


def read(path):
    rows = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        found = re.fullmatch(r"([0-9A-F]{2}) (.*)", line)
        if not found:
            refuse(number, "neither a comment nor a lead byte, a space and characters")
        lead, characters = int(found[1], 16), found[2]
        if not (0x81 <= lead <= 0x9F or 0xE0 <= lead <= 0xFC) or 0xF0 <= lead <= 0xF9:
            refuse(number, f"{lead:02X} is no lead byte of the table")
        if rows and lead <= max(rows):
            refuse(number, f"{lead:02X} is out of order, or there twice")
        if len(characters) != len(TRAILS):
            refuse(number, f"{len(TRAILS)} characters were expected, here are {len(characters)}")
        for trail, c in zip(TRAILS, characters):
            if c != NONE and (ord(c) < 0x80 or ord(c) > 0xFFFF or unicodedata.category(c) in ("Cn", "Co", "Cs", "Cc")):
                refuse(number, f"U+{ord(c):04X} cannot stand at {lead:02X}{trail:02X}")
        rows[lead] = characters
    # Kanji that Unicode has twice are in here both ways: were this file ever normalised, they would be gone.
    if not any("\N{CJK COMPATIBILITY IDEOGRAPH-F929}" in row for row in rows.values()):
        refuse(number, "U+F929 is nowhere: was the file normalised?")
    return rows


def bits(rows):
    """A bit for each code point of the first plane that the code page has."""
    known = bytearray(8192)
    for c in [*range(0x80), *range(0xFF61, 0xFFA0), *(ord(c) for row in rows.values() for c in row if c != NONE)]:
        known[c >> 3] |= 1 << (c & 7)
    return known


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--table", type=pathlib.Path, required=True)
    arguments.add_argument("--out", type=pathlib.Path, required=True)
    arguments = arguments.parse_args()
    rows = read(arguments.table)
    out = ["/* Made by schemas/nta/cp932c.py from cp932.txt. */", '#include "form/cp932.h"', ""]
    out.append("const uint8_t cp932_row[256] = {")
    out += [f"        [{lead}] = {at}," for at, lead in enumerate(rows, 1)]
    out += ["};", "", f"const uint16_t cp932_table[{len(rows) + 1}][{len(TRAILS)}] = {{", "        { 0 },"]
    for row in rows.values():
        out.append("        { " + ", ".join("0" if c == NONE else hex(ord(c)) for c in row) + " },")
    out += ["};", "", "const uint8_t cp932_known[8192] = {"]
    known = bits(rows)
    out += ["        " + ", ".join(map(hex, known[at:at + 32])) + "," for at in range(0, len(known), 32)]
    out += ["};", ""]
    arguments.out.write_text("\n".join(out), encoding="utf-8")


if __name__ == "__main__":
    main()
