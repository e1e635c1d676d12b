#!/usr/bin/python3
"""Which code points a certificate takes: xmllint and the official schema against the real code (N1.3)

    nta_characters.py PROGRAM XSD        PROGRAM is nta_values, XSD the folder of the schemas

Code points are validated as gen:str, each in an element of its own; those that the schema refuses are told apart by the
lines of xmllint's complaints. In the long runs that one side or the other refuses or takes throughout, only the edges and
every sixteenth are asked about (all of them: --all, half a minute).
"""
import pathlib
import re
import subprocess
import sys
import tempfile

XML = [*range(0x20, 0xD800), *range(0xE000, 0xFFFE), *range(0x1F600, 0x1F610), 0x20BB7, 0xE0100, 0x9, 0xA]
SCHEMA = """<xsd:schema xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:gen="http://xml.e-tax.nta.go.jp/XSD/general">
<xsd:import namespace="http://xml.e-tax.nta.go.jp/XSD/general" schemaLocation="{}"/>
<xsd:element name="all"><xsd:complexType><xsd:sequence>
<xsd:element name="t" type="gen:str" maxOccurs="unbounded"/></xsd:sequence></xsd:complexType></xsd:element>
</xsd:schema>"""


def chosen(taken):
    """Near a change, or the sixteenth."""
    near = {c + d for c in XML if (c in taken) != (c - 1 in taken) for d in range(-20, 20)}
    return [c for c in XML if c in near or c % 16 == 0 or c > 0xFFFF or "--all" in sys.argv]


def refused(points, xsd, folder):
    """Code points by the line they stand in: the first element is in line 2."""
    schema, document = folder / "all.xsd", folder / "all.xml"
    schema.write_text(SCHEMA.format(xsd / "general" / "General.xsd"), encoding="utf-8")
    document.write_text("<all>\n" + "\n".join(f"<t>&#{c};</t>" for c in points) + "\n</all>", encoding="utf-8")
    done = subprocess.run(["xmllint", "--nonet", "--noout", "--schema", schema, document], capture_output=True, text=True)
    if done.returncode != 3:
        sys.exit(f"xmllint: {done.returncode}: {done.stderr[:400]}")
    # A line number of libxml2 has 16 bits; errors come in the document's order, so it is known how often it wrapped.
    found, turns, before = set(), 0, 0
    for line in re.findall(rf"{re.escape(str(document))}:(\d+): element t: Schemas validity error : .*pattern", done.stderr):
        turns += int(line) < before
        before = int(line)
        found.add(points[turns * 65536 + before - 2])
    return found


def main():
    said = dict(line.split() for line in subprocess.run([sys.argv[1], "characters"], capture_output=True, text=True,
                                                        check=True).stdout.splitlines())
    taken = {int(c, 16) for c, kind in said.items() if kind == "fine"}
    with tempfile.TemporaryDirectory() as folder:
        points = chosen(taken)
        no = refused(points, pathlib.Path(sys.argv[2]).resolve(), pathlib.Path(folder))
    wrong = sorted(c for c in points if (c in taken) == (c in no))
    print(*(f"U+{c:04X}: the schema {'refuses' if c in no else 'takes'} it" for c in wrong[:40]), sep="\n")
    odd = sorted(c for c in taken if c > 0xFFFF or 0xD800 <= c < 0xE000)
    print(f"{len(points)} code points, {len(no)} refused")
    return 1 if wrong or odd or not 2000 < len(no) < len(points) - 1500 else 0


sys.exit(main())
