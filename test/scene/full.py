#!/usr/bin/python3
"""A store that is full: said plainly, nothing lost, and well again once there is room."""
import os
import subprocess
import sys

from holder import Holder
from world import check, play, skip, world

INFO, REGISTER, LIST = 1, 7, 9
DONE, STORE_FULL = 0, 501


def _register_until_full(w):
    """Mailboxes that were acknowledged before the store said that it is full."""
    c, known = w.client(), []
    for _ in range(20000):
        h = Holder()
        code = c.ask(REGISTER, {4: h.statement})[2]
        if code == STORE_FULL:
            return known, h
        check(code == DONE, code)
        known.append(h)
    check(False, "the store does not become full")


def _check_kept(w, known):
    for h in known[:3] + known[-3:]:
        check(w.client(h.transport).ask(LIST, {4: h.mailbox, 5: 0, 6: 1})[2] == DONE, "a mailbox is gone")


def _check_full_and_well(w, give_room):
    known, last = _register_until_full(w)
    check(len(known) > 10, "full too early", len(known))
    check(w.counter("keeper_full") > 0 and "the store is full" in w.log(), w.log())
    _check_kept(w, known)                       # reading goes on
    check(w.counter("restarts") == 0, w.log())
    give_room()
    check(w.client().ask(REGISTER, {4: last.statement})[2] == DONE, "not well again")
    _check_kept(w, known + [last])


def a_store_at_its_limit_says_so_and_goes_on_with_a_larger_one():
    with world(map_most="2M", rate=0) as w:
        w.start()

        def give_room():
            check(w.stop() == 0)
            w.write_config(map_most="64M")
            w.start()
        _check_full_and_well(w, give_room)


def a_full_disk_says_so_and_goes_on_when_there_is_room():
    with world(rate=0) as w:
        store = w.folder / "store"
        store.mkdir(mode=0o700)
        if os.geteuid() or subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1M,mode=700", "none", store]).returncode:
            skip(False, "no right to mount a small disk")
        try:
            w.start()
            _check_full_and_well(w, lambda: subprocess.run(["mount", "-o", "remount,size=16M", store], check=True))
            check(w.stop() == 0)
        finally:
            if w.process:
                w.process.kill()
                w.wait_end()
            subprocess.run(["umount", "-l", store], check=False)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
