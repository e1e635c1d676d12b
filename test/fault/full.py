#!/usr/bin/python3
"""A store without room: a coded refusal, nothing acknowledged is lost, and it goes on when there is room again"""
import os
import subprocess
import sys

import msgpack

from audit import audit
from office import office, play, until

STORE_FULL = 501


def _fill(o, letters_behind=3):
    """Drive until the broker says that it is full, several times."""
    for name in ("a", "b"):
        o.drive("post", name)
    o.drive("take", "take")

    def refusals():
        o.check_drivers()
        return [msgpack.unpackb(p, strict_map_key=False)[2] for n in ("a", "b") for kind, _, p in o.journal(n)
                if kind == b"R"]
    codes = until(lambda: (r := refusals()) and r.count(STORE_FULL) >= letters_behind and r, "the store to be full")
    assert set(codes) == {STORE_FULL}, codes


def _still_reads(o):
    """A full store hands out what it has, and a keeper that is killed comes back to it."""
    _reads(o)
    assert o.w.counter("restarts") == 0, o.w.log()
    o.kill_room("keeper")
    until(lambda: o.w.counter("restarts") == 1, "a new keeper")
    _reads(o)


def _reads(o):
    place = o.places[0]
    answer = o.w.client(place.transport).ask(9, {4: place.name, 5: 0, 6: 256})
    assert answer[2] == 0 and answer[4], answer


def _finish(o):
    before = o.journal_size()
    until(lambda: o.journal_size() > before + 20000, "letters to be filed again")
    for name in ("a", "b", "take"):
        o.end_driver(name)
    o.w.stop()
    o.w.start()
    a = audit(o, ["a", "b", "take"])
    print(f"  {len(a.ledger.filed)} letters filed, {a.ledger.refused} refusals", flush=True)


def a_store_at_its_limit_refuses_and_goes_on_with_a_higher_one():
    with office(mailboxes=4, map_most="6M") as o:
        _fill(o)
        _still_reads(o)
        o.w.stop()
        o.w.write_config(map_most="1G")
        o.w.start()
        _finish(o)


def _in_a_disk_of_its_own():
    """Start again in a mount namespace, where a small tmpfs harms nobody; 77 where that is not allowed."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "--mount", "sh", "-c", "mount -t tmpfs none /mnt"],
                                           capture_output=True).returncode != 0:
        print("skipped: mounting takes root")
        sys.exit(77)
    os.execvp("unshare", ["unshare", "--mount", sys.executable, "-B", *sys.argv, "inside"])


def a_full_disk_refuses_and_goes_on_when_there_is_room():
    if "inside" not in sys.argv:
        _in_a_disk_of_its_own()
    with office(mailboxes=4, store="disk/store", before=_mount) as o:
        _fill(o)
        _still_reads(o)
        (o.folder / "disk" / "ballast").unlink()
        _finish(o)
        o.w.stop()
        subprocess.run(["umount", o.folder / "disk"], check=True)


def _mount(folder):
    disk = folder / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256m,mode=0755", "none", disk], check=True)
    with open(disk / "ballast", "wb") as f:
        os.posix_fallocate(f.fileno(), 0, 246 << 20)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
