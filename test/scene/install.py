"""install - the libraries as others have them: installed below a folder, and what pkg-config needs to find them"""
import json
import os

from sender import tool
from world import BUILD, check

CC = os.environ.get("CC", "cc")


def sanitized():
    """Such a library wants the sanitizer's own libraries in the program, which is nobody's use of it."""
    options = json.loads((BUILD / "meson-info" / "intro-buildoptions.json").read_text())
    return any(o["name"] == "b_sanitize" and o["value"] != "none" for o in options)


def installed(w):
    """The folder, and the environment for pkg-config."""
    root = w.folder / "root"
    tool("meson", "install", "-C", BUILD, "--no-rebuild", "--quiet", "--destdir", root)
    found = list(root.rglob("fumibako.pc"))
    check(len(found) == 1, found)
    return root, {**os.environ, "PKG_CONFIG_PATH": str(found[0].parent), "PKG_CONFIG_SYSROOT_DIR": str(root)}
