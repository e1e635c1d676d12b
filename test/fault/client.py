#!/usr/bin/python3
"""kill -9 of the mailbox client, at random moments of whatever it does: the folder stays whole, every letter comes
and opens, exported files are whole or not there, and no address that was shown is lost."""
import os
import random
import subprocess
import sys
import time

import nearby  # noqa: F401
from household import POST, household
from world import check, play

ROUNDS = int(os.environ.get("FUMIBAKO_ROUNDS", "60"))
SEED = int(os.environ.get("FUMIBAKO_SEED", time.time_ns()))
LETTERS = 24


def _post_all(h, address):
    """A run of letters, two of them large, and what is in them."""
    contents, lines = {}, ["address,type,title,files"]
    for n in range(LETTERS):
        contents[f"{n}.bin"] = os.urandom(2_000_000 if n % 12 == 5 else 500 + n)
        h.file(f"{n}.bin", contents[f"{n}.bin"])
        lines.append(f"{address},a.b,letter {n},{n}.bin")
    manifest = h.file("run.csv", "\n".join(lines + [""]).encode())
    p = subprocess.run([POST, "run", manifest, "--profile", h.insurer], capture_output=True, text=True, timeout=120)
    check(p.returncode == 0, p.stdout, p.stderr)
    return contents


def _started_and_killed(ada, chance, *words):
    """True when it came to its end before it was killed."""
    p = ada.start(*words)
    try:
        out, err = p.communicate(timeout=chance.random() ** 2 * 0.2)
    except subprocess.TimeoutExpired:
        p.kill()
        out, err = p.communicate()
        return None
    check(p.returncode == 0, words, "gave", p.returncode, out, err)
    return out


def a_mailbox_survives_every_death_of_its_client():
    chance = random.Random(SEED)
    print(f"  seed {SEED}", flush=True)
    with household() as h:
        ada = h.citizen("ada")
        contents = _post_all(h, ada.address())
        export = h.folder / "export"
        shown, killed = [], 0
        for n in range(ROUNDS):
            words = chance.choice([("get", "--all"), ("get", "--all"), ("export", "--all", export), ("ack", "--all"),
                                   ("address", "new", "--for", "org.example-life", "--quiet"), ("list",)])
            out = _started_and_killed(ada, chance, *words)
            killed += out is None
            if out and words[0] == "address":
                shown.append(out.strip())
            for path in export.glob("*") if export.exists() else []:
                if path.name in contents:
                    check(path.read_bytes() == contents[path.name], "half a file:", path.name)
        ada("get", "--all")
        _check_whole(h, ada, contents, shown)
        print(f"  {ROUNDS} commands, {killed} killed; {len(shown)} addresses", flush=True)


def _check_whole(h, ada, contents, shown):
    listed = ada.json("list", "--all")["letters"]
    check(len(listed) == LETTERS and all(one["here"] for one in listed), listed)
    check([one["seq"] for one in listed] == list(range(1, LETTERS + 1)), "positions")
    whole = h.folder / "whole"
    said = ada("export", "--all", whole)
    found = {p.name: p.read_bytes() for p in whole.iterdir()}
    check(found == contents, "exported otherwise than posted:", sorted(set(contents) - set(found)), said)
    left = [p.name for p in (ada.folder / "letters").iterdir() if p.suffix == ".part"]
    check(not left, "left over:", left)
    ada("ack", "--all")
    check(all(one.get("acknowledged") for one in ada.json("list", "--all")["letters"]), "not all acknowledged")
    book = ada("address", "list")
    for address in shown:
        check(address in book, "an address that was shown is lost:", address)
        h.post(address, h.file("more.bin", b"more"))
    ada("get", "--all")
    check(len(ada.json("list", "--all")["letters"]) == LETTERS + len(shown), "letters to the addresses")


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
