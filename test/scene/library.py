#!/usr/bin/python3
"""The library as others have it: installed, found by pkg-config, used from C; nothing else shows."""
import json
import os
import re
import sys

from sender import Box, Sender, tool
from world import BUILD, SOURCE, check, play, world

CC = os.environ.get("CC", "cc")


def _sanitized():
    """Such a library wants the sanitizer's own libraries in the program, which is nobody's use of it."""
    options = json.loads((BUILD / "meson-info" / "intro-buildoptions.json").read_text())
    return any(o["name"] == "b_sanitize" and o["value"] != "none" for o in options)


def _installed(w):
    """Installed below a folder of its own; gives that folder and what pkg-config needs to know."""
    root = w.folder / "root"
    tool("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root)
    found = list(root.rglob("fumibako.pc"))
    check(len(found) == 1, found)
    return root, {**os.environ, "PKG_CONFIG_PATH": str(found[0].parent), "PKG_CONFIG_SYSROOT_DIR": str(root)}


def an_example_builds_against_the_installed_library_and_posts():
    if _sanitized():
        return
    with world() as w:
        s = Sender(w)
        box = Box(w)
        root, env = _installed(w)
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


def the_library_shows_the_calls_of_its_header_and_nothing_else():
    with world() as w:
        root, _ = _installed(w)
        header = next(root.rglob("fumibako.h")).read_text()
        declared = set(re.findall(r"^FUMI_API [^;]*?\b(fumi_\w+)\(", header, re.M))
        shown = {line.split()[-1].split("@")[0]
                 for line in tool("nm", "-D", "--defined-only", next(root.rglob("libfumibako.so"))).splitlines()}
        shown = {name for name in shown if not name.startswith("FUMIBAKO_")}
        check(shown == declared, "only in the header:", declared - shown, "only in the library:", shown - declared)
        out = tool("readelf", "-d", next(root.rglob("libfumibako.so")))
        check("[libfumibako.so.0]" in out, "soname")


if __name__ == "__main__":
    sys.exit(play(globals()))
