#!/usr/bin/python3
"""The library as others have it: installed, found by pkg-config, used from C; nothing else shows."""
import os
import re
import sys

from install import CC, installed, sanitized
from sender import Box, Sender, tool
from world import SOURCE, check, play, world


def an_example_builds_against_the_installed_library_and_posts():
    if sanitized():
        return
    with world() as w:
        s = Sender(w)
        box = Box(w)
        root, env = installed(w)
        flags = tool("pkg-config", "--cflags", "--libs", "fumibako", env=env).split()
        example = w.folder / "example"
        tool(CC, "-std=c11", "-Wall", "-Wextra", "-Wno-unused-parameter", "-Werror", "-o", example,
             SOURCE / "test" / "sdk" / "example_sender.c", *flags)
        library = next(root.rglob("libfumibako.so")).parent
        letter = w.folder / "a.xml"
        letter.write_text("<TEG800/>\n")
        run = {"env": {**os.environ, "LD_LIBRARY_PATH": str(library)}}
        out = tool(example, s.folder, box.address.name, letter, s.trust, **run)
        check("filed" in out and "OK" in out, out)
        again = tool(example, s.folder, box.address.name, letter, s.trust, **run)
        check("filed" not in again and "OK" in again, again)
        check(len(box.letters()) == 1)


def the_libraries_show_the_calls_of_their_headers_and_nothing_else():
    with world() as w:
        root, _ = installed(w)
        for name, symbols in (("fumibako", "FUMIBAKO_"), ("fumibako-tax", "FUMIBAKO_TAX_")):
            header = next(root.rglob(f"{name.replace('-', '_')}.h")).read_text()
            declared = set(re.findall(r"^FUMI_API [^;]*?\b(fumi_\w+)\(", header, re.M))
            library = next(root.rglob(f"lib{name}.so"))
            shown = {line.split()[-1] for line in tool("nm", "-D", "--defined-only", library).splitlines()}
            check(all(f"@@{symbols}0" in s or s == f"{symbols}0" for s in shown), "versions of", name, shown)
            shown = {s.split("@")[0] for s in shown} - {f"{symbols}0"}
            check(shown == declared, "only in the header:", declared - shown, "only in the library:", shown - declared)
            out = tool("readelf", "-d", library)
            check(f"[lib{name}.so.0]" in out, "soname")
        check("[libfumibako.so.0]" in out, "the tax library is made of the other one's calls")


if __name__ == "__main__":
    sys.exit(play(globals()))
