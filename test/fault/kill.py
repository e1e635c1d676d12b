#!/usr/bin/python3
"""kill -9 of keeper, front, parent, senders and recipients at random moments under load

FUMIBAKO_ROUNDS says how many kills (12 when nothing is said); FUMIBAKO_SEED repeats their order. Afterwards the
broker is held to every answer it ever gave (audit.py)."""
import os
import random
import sys
import time

from office import office, play, until
from audit import audit

ROUNDS = int(os.environ.get("FUMIBAKO_ROUNDS", "12"))
SEED = int(os.environ.get("FUMIBAKO_SEED", time.time_ns()))
VICTIMS = ["keeper", "front", "parent", "post-a", "keeper", "front", "parent", "post-b", "keeper", "chunk", "take", "post-a"]
DRIVERS = {"post-a": "post", "post-b": "post", "chunk": "chunk", "take": "take"}


def _strike(o, victim):
    if victim == "parent":
        o.kill_parent()
    elif victim in DRIVERS:
        o.kill_driver(victim)
    else:
        o.kill_room(victim)


def _rounds(o, chance):
    victims = []
    for n in range(ROUNDS):
        if not victims:
            victims = chance.sample(VICTIMS, len(VICTIMS))
        before = o.journal_size()
        until(lambda: o.journal_size() > before + 4000, "letters to be filed again")
        time.sleep(chance.random() ** 2 * 0.25)
        o.check_drivers()
        _strike(o, victims.pop())
        if ROUNDS > 20 and n % 20 == 19:
            print(f"  {n + 1} kills, journals of {o.journal_size() >> 20} MiB", flush=True)


def nothing_acknowledged_is_lost_by_killing():
    print(f"  seed {SEED}", flush=True)
    with office(mailboxes=8) as o:
        for name, kind in DRIVERS.items():
            o.drive(kind, name)
        _rounds(o, random.Random(SEED))
        for name in ("post-a", "post-b", "chunk", "take"):
            o.end_driver(name)
        o.w.stop()
        o.w.start()
        began = time.monotonic()
        a = audit(o, DRIVERS)
        print(f"  {ROUNDS} kills; {len(a.ledger.filed)} letters filed, {len(a.ledger.acked)} acknowledged,"
              f" {a.ledger.answers} answers ({a.ledger.repeated} to repeated requests), {a.log.size} leaves,"
              f" {len(a.ledger.checkpoints())} checkpoints; audit {time.monotonic() - began:.1f} s", flush=True)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
