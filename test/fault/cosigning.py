#!/usr/bin/python3
"""kill -9 of a witness at each of its disk writes, and then it is shown the other history

The broker has forked. A witness that remembers the common past looks at one side and is killed before or after its
nth change to the disk; the same folder then looks at the other side. Whatever n: there are never cosignatures on
both. When it had not begun to remember it may take either side, and only one."""
import os
import subprocess
import sys

import nearby  # noqa: F401
from witness import WITNESS, forked
from world import BUILD, SANITIZED, check, play, skip

DIE = BUILD / "test" / "fault" / "libdie.so"


def _killed_at(w, nth):
    """The exit code of a round on the honest side, -9 when it did not come to its end."""
    return subprocess.run([WITNESS, "cosign", w.folder["w1"]], capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
                          env=dict(os.environ, LD_PRELOAD=str(DIE), FUMIBAKO_DIE=str(nth))).returncode


def _cosigned(world, size):
    """Has this side a cosignature for a checkpoint that only it has?"""
    return 4 in world.client().ask(16, {4: size + 1, 5: 1})


def _one(nth):
    """Exit code of the killed round, and who got a cosignature in it, and afterwards."""
    with forked() as (w, fork, address):
        w.cosign("w1")
        common = w.size("w1")
        w.h.post(address, w.h.file("a.txt", b"one history"))
        fork.letter(address)
        code = _killed_at(w, nth)
        at_once = _cosigned(w.h.world, common)
        said = w.cosign("w1", code=None, trust=fork.trust)
        honest, other = _cosigned(w.h.world, common), _cosigned(fork.world, common)
        check(not (honest and other), nth, "cosigned two histories", said)
        check(other or "(LOG_FORKED " in said, nth, said)
        if not other:                   # it had chosen: it goes on there, with what it remembers
            w.cosign("w1")
            check(_cosigned(w.h.world, common), nth, "what was remembered was not handed in")
        else:
            check("(LOG_FORKED " in w.cosign("w1", code=1) and not _cosigned(w.h.world, common), nth, "both in the end")
        return code, at_once, other


def a_witness_killed_at_any_write_never_signs_both_histories():
    skip(not SANITIZED, "a sanitizer wants to be loaded first")
    nth, seen = 0, []
    while not seen or seen[-1][0] == -9:
        nth += 1
        seen.append(_one(nth))
        check(nth < 100, "it does not come to its end")
    check(seen[-1][0] == 0, "it ended otherwise than by being killed", seen)
    check(any(other for _, _, other in seen), "it was never killed before it remembered", seen)
    check(any(code == -9 and not other for code, _, other in seen), "it was never killed after that", seen)
    early = [n for n, (_, at_once, _) in enumerate(seen) if at_once]
    check(all(not other for n, (_, at_once, other) in enumerate(seen) if at_once), "a cosignature left too early", seen)
    print(f"  {len(seen) - 1} places to die; before {sum(other for _, _, other in seen)} of them nothing was remembered,"
          f" and {len(early)} times the cosignature had left", flush=True)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
