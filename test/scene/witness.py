#!/usr/bin/python3
"""Witnesses: a receipt that enough of them stand behind, and a broker with two histories found out

A real broker, three real witnesses, a policy of two out of three. A fork is made as an operator would make one:
the broker is stopped, its folder copied, and both copies go on apart under the same keys."""
import contextlib
import json
import os
import random
import shutil
import subprocess
import sys

import peerstage  # noqa: F401: where the second client is
from household import ADMIN, POST, VERIFY, call, household
from liar import Liar
from world import BUILD, PATIENCE, World, check, play
from fumipeer import keys, receipts, trust

WITNESS = BUILD / "tools" / "witness" / "fumibako-witness"
NAMES = ["w1", "w2", "w3"]


def _run(*argv, timeout=PATIENCE, **more):
    p = subprocess.run([str(a) for a in argv], capture_output=True, text=True, timeout=timeout, stdin=subprocess.DEVNULL, **more)
    return p.returncode, p.stdout, p.stderr


class Witnessed:
    """A household whose broker knows three witnesses, and a trust file that asks for two of them."""

    def __init__(self, h):
        self.h = h
        self.folder = {n: h.folder / n for n in NAMES}
        self.vkey = {n: call(WITNESS, "init", self.folder[n], "--name", f"{n}.example", "--trust", h.trust).strip()
                     for n in NAMES}
        with open(h.world.config, "a") as f:
            f.writelines(f"witness = {v}\n" for v in self.vkey.values())
        port = h.world.endpoint.rpartition(":")[2]
        h.world.config.write_text(h.world.config.read_text().replace("127.0.0.1:*", f"127.0.0.1:{port}"))
        h.world.stop()
        h.world.start()
        self.policy = "".join(f"witness {n} {v}\n" for n, v in self.vkey.items()) + "group two 2 w1 w2 w3\nquorum two\n"
        self.asking(self.policy)

    def asking(self, policy):
        """The sender's and the verifier's trust files with this policy."""
        plain = "".join(line for line in self.h.trust.read_text().splitlines(True)
                        if line.split()[0] not in ("witness", "group", "quorum"))
        for path in (self.h.trust, self.h.insurer / "trust"):
            path.write_text(plain + policy)

    def cosign(self, name, code=0, trust=None):
        more = ["--trust", trust] if trust else []
        got, out, err = _run(WITNESS, "cosign", self.folder[name], *more)
        check(code is None or got == code, name, "gave", got, out, err)
        return out + err

    def size(self, name):
        return json.loads(call(WITNESS, "status", self.folder[name], "--json"))["size"]

    def letter(self, citizen):
        out = call(POST, "send", "--profile", self.h.insurer, "--to", citizen.address(), "--class", "notice", "--type", "a.b",
                   "--title", "t", "--json", self.h.file("a.txt", b"hello"))
        return json.loads(out.splitlines()[-1])["id"]

    def receipt(self, letter, wait=0):
        path = self.h.folder / "receipt.tlog-proof"
        call(POST, "receipt", letter, "--profile", self.h.insurer, "--out", path, "--wait", wait)
        return path

    def verdict(self, path, code, trust=None):
        got, out, err = _run(VERIFY, path, "--trust", trust or self.h.trust)
        check(got == code, "verdict", got, out, err)
        return out


@contextlib.contextmanager
def _witnessed():
    with household() as h:
        yield Witnessed(h)


def _peer(receipt, believed):
    """The second client's verdict, as an exit code."""
    try:
        text = receipt.decode()
    except UnicodeDecodeError:
        return 1
    return {"OK": 0, "FAIL": 1, "INCOMPLETE": 3}[receipts.verify(text, believed)[0]]


# ---- receipts ----
def two_of_three_are_enough_and_one_is_not():
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        letter = w.letter(ada)
        said = w.verdict(w.receipt(letter), 3)
        check("missing w1, w2, w3" in said, said)
        w.cosign("w1")
        said = w.verdict(w.receipt(letter), 3)
        check("missing w2, w3" in said, said)
        w.cosign("w2")
        said = w.verdict(w.receipt(letter), 0)
        check("cosigned by w1, w2" in said, said)
        kept = w.receipt(letter).read_bytes()
        w.cosign("w3")
        check(w.receipt(letter).read_bytes() == kept, "a receipt that was enough has changed")
        plain = w.h.folder / "plain"
        plain.write_text("".join(line for line in w.h.trust.read_text().splitlines(True) if line.split()[0] not in
                                 ("witness", "group", "quorum")))
        said = w.verdict(w.h.folder / "receipt.tlog-proof", 3, plain)
        check("no key for w1.example" in said, said)
        check(w.h.world.counter("cosignatures") == 3, "cosignatures were kept", w.h.world.counter("cosignatures"))


def witnesses_that_come_at_different_times_meet():
    """Each finds a newer checkpoint than the one before it, and all of them are cosigned by all in the end."""
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        ids = []
        for name in NAMES:
            ids.append(w.letter(ada))
            w.cosign(name)
        for name in NAMES:
            w.cosign(name)
        w.asking(w.policy.replace("group two 2", "group two all"))
        for letter in ids:
            said = w.verdict(w.receipt(letter), 0)
            check("w1, w2, w3" in said, said)
        check(len({w.size(n) for n in NAMES}) == 1, "sizes", {n: w.size(n) for n in NAMES})


def a_receipt_waits_for_witnesses_that_watch():
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        watching = [subprocess.Popen([WITNESS, "watch", w.folder[n], "--every", "1"], stdout=subprocess.DEVNULL,
                                     stderr=subprocess.DEVNULL) for n in ("w1", "w3")]
        try:
            for _ in range(3):
                said = w.verdict(w.receipt(w.letter(ada), wait=30), 0)
                check("cosigned by w1, w3" in said, said)
            check("another fumibako-witness" in w.cosign("w1", code=1), "two processes on one memory")
            watching[0].kill()
            letter = w.letter(ada)
            said = w.verdict(w.receipt(letter, wait=2), 3)
            check("missing w1, w2" in said, said)
            w.cosign("w2")
            check("cosigned by w2, w3" in w.verdict(w.receipt(letter, wait=30), 0), "it does not go on")
        finally:
            for p in watching:
                p.kill()
                p.wait()


def a_recipient_sees_how_many_witnesses():
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        shutil.copy(w.h.trust, ada.folder / "trust")
        w.letter(ada)
        ada("get", "--all")
        check(ada.json("open", "1")["witnessed"] is False, "nobody has cosigned yet")
        w.cosign("w1")
        w.cosign("w2")
        ada("get", "1")
        opened = ada.json("open", "1")
        check(opened["witnessed"] is True and opened["witnesses"] == 2 and opened["logged"] is True, opened)
        w.letter(ada)
        w.cosign("w3")
        w.cosign("w2")
        ada("get", "--all")
        check(ada.json("open", "2")["witnesses"] == 2, "fetched after they had cosigned")


def every_flipped_bit_of_a_cosigned_receipt_shows():
    """FAIL, or INCOMPLETE where it makes a cosigner unknown; never OK."""
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        letter = w.letter(ada)
        for name in NAMES:
            w.cosign(name)
        path = w.receipt(letter)
        whole, judged = path.read_bytes(), w.h.folder / "judged.tlog-proof"
        check(w.verdict(path, 0).count("w3"), "three cosigners")
        believed = trust.read(w.h.trust)
        lines_from = whole.index("— w1.example".encode())
        found = {1: 0, 3: 0}
        chance = random.Random(7)
        for at in range(len(whole)):
            out = bytearray(whole)
            out[at] ^= 1 << chance.randrange(8)
            judged.write_bytes(out)
            code, said, err = _run(VERIFY, judged, "--trust", w.h.trust)
            check(_peer(bytes(out), believed) == code, "the second client says otherwise at", at, said)
            check(code in found, "a flipped bit at", at, "is", code, said, err)
            check(code == 1 or at >= lines_from or b"log/0" in whole[at - 40:at + 40], "INCOMPLETE at", at, said)
            found[code] += 1
        check(found[1] and found[3], found)
        print(f"  {len(whole)} bytes: {found[1]} FAIL, {found[3]} INCOMPLETE", flush=True)


# ---- handing in ----
def cosignatures_that_nobody_asked_for_are_refused():
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        w.letter(ada)
        stranger = w.h.folder / "stranger"
        call(WITNESS, "init", stranger, "--name", "w1.example", "--trust", w.h.trust)
        code, out, err = _run(WITNESS, "cosign", stranger)
        check(code == 1 and "(UNKNOWN_WITNESS " in err, out, err)
        w.cosign("w1")
        note = (w.folder["w1"] / "state").read_text().split("\n\n", 1)[1]
        line = note.split("\n\n", 1)[1].splitlines()[1] + "\n"
        size = w.size("w1")
        client = w.h.world.client()
        flipped = line[:40] + ("A" if line[40] != "A" else "B") + line[41:]
        for lines, at, wanted in ((line, size, 0), (line + line, size, 0), (flipped, size, 200), (line, size - 1, 200),
                                  (line, size + 1, 308), ("nonsense\n", size, 100), ("", size, 100), ("\n" + line, size, 100),
                                  ("x\n\n" + line, size, 100), (line.replace("w1", "w9"), size, 208), (line * 17, size, 100)):
            answer = client.ask(15, {4: at, 5: lines})
            check(answer[2] == wanted, "not", wanted, "but", answer, "for", lines)
        check(w.h.world.counter("cosignatures") == 1, "kept more than one")
        check(client.ask(16, {4: 0, 5: 0})[2] == 100 and 4 not in client.ask(16, {4: size + 1, 5: 1}), "asking beyond")
        check(client.ask(16, {4: 0, 5: 1})[4].count("w1.example") == 1 and 4 not in client.ask(16, {4: 0, 5: 2}), "counting")
        w.h.world.stop()
        w.h.world.start()
        check(w.h.world.client().ask(16, {4: 0, 5: 1})[4].endswith(line), "it is not durable")


def a_broker_that_lies_about_cosignatures_gains_nothing():
    """Forged, left out, of a time before the letter, or asked for without end: the receipt is what it is without them."""
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        for name in NAMES:
            w.cosign(name)
        before = w.h.world.client().ask(16, {4: 0, 5: 3})[4]
        letter = w.letter(ada)
        for name in NAMES:
            w.cosign(name)
        seed = keys.key_file((w.h.insurer / "sender.key").read_text())[2]
        liar = Liar(w.h.world, trust.read(w.h.trust), keys.derive(seed, "sender transport"))
        own = w.h.insurer / "trust"
        own.write_text(own.read_text().replace(w.h.world.endpoint, liar.endpoint))

        def on_checkpoint(edit):
            def change(verb, question, answer):
                if verb == 16 and answer.get(4):
                    edit(question, answer)
                    return answer
                return None
            return change

        def forged(_, answer):
            lines = answer[4].splitlines(True)
            lines[-1] = lines[-1][:60] + ("A" if lines[-1][60] != "A" else "B") + lines[-1][61:]
            answer[4] = "".join(lines)

        def left_out(_, answer):
            answer[4] = "".join(answer[4].splitlines(True)[:-2])

        def earlier(_, answer):
            answer[4] = before

        def nothing(_, answer):
            answer.pop(4)

        def endless(question, answer):
            answer.pop(4)
            answer[5] = question[4]
        try:
            for lie in (forged, left_out, earlier, nothing, endless):
                told = liar.lies
                liar.change = on_checkpoint(lie)
                said = w.verdict(w.receipt(letter), 3)
                check(liar.lies > told and "missing" in said, lie.__name__, said)
            liar.change = None
            w.verdict(w.receipt(letter), 0)
        finally:
            liar.end()


# ---- forks ----
class Fork:
    """The other copy of the broker: same keys, same past, its own future."""

    def __init__(self, w):
        self.w, honest = w, w.h.world
        self.folder = w.h.folder / "fork"
        honest.stop()
        self.folder.mkdir()
        for name in ("store", "broker.key", "fumibakod.conf"):
            copy = shutil.copytree if (honest.folder / name).is_dir() else shutil.copy
            copy(honest.folder / name, self.folder / name)
        honest.start()
        self.world = World.__new__(World)
        self.world.__dict__.update(honest.__dict__, folder=self.folder, process=None, clients=[],
                                   config=self.folder / "fumibakod.conf", seed=self.folder / "broker.key")
        text = self.world.config.read_text()
        port = honest.endpoint.rpartition(":")[2]
        self.world.config.write_text(text.replace(f":{port}", ":*"))
        self.world.start()
        self.trust = self.folder / "trust"
        self.trust.write_text(w.h.trust.read_text().replace(honest.endpoint, self.world.endpoint))
        self.insurer = self.folder / "insurer"
        shutil.copytree(w.h.insurer, self.insurer)
        shutil.copy(self.trust, self.insurer / "trust")

    def letter(self, address):
        call(POST, "send", "--profile", self.insurer, "--to", address, "--class", "notice", "--type", "a.b", "--title", "u",
             self.w.h.file("b.txt", b"another"))

    def end(self):
        for c in self.world.clients:
            c.close()
        self.world.process.kill()
        self.world.process.wait()


@contextlib.contextmanager
def forked(letters=1):
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        address = ada.address()
        for _ in range(letters):
            w.h.post(address, w.h.file("a.txt", b"hello"))
        fork = Fork(w)
        try:
            yield w, fork, address
        finally:
            fork.end()


def _evidence(w, name, kind="fork"):
    found = list(w.folder[name].glob(kind + "-*"))
    check(len(found) == 1, "evidence", [p.name for p in w.folder[name].iterdir()])
    return found[0]


def _judge(w, code, *paths):
    got, out, err = _run(VERIFY, "--fork", *paths, "--trust", w.h.trust)
    check(got == code, "verdict on the fork", got, out, err)
    return out


def a_fork_is_refused_by_who_saw_the_other_side_and_the_evidence_convinces():
    for ahead in (0, 1, 2, 5):          # the same size, and larger ones over small trees of every shape
        with forked(letters=1 + ahead) as (w, fork, address):
            w.h.post(address, w.h.file("a.txt", b"one history"))
            before = w.cosign("w1") and w.size("w1")
            for _ in range(1 + ahead):
                fork.letter(address)
            said = w.cosign("w1", code=1, trust=fork.trust)
            check("(LOG_FORKED " in said, said)
            check(w.size("w1") == before, "it went over")
            evidence = _evidence(w, "w1")
            said = _judge(w, 0, evidence)
            check(said.startswith("FORK:") and f"size {before}," in said, said)
            for at in range(0, len(evidence.read_bytes()), 7):
                out = bytearray(evidence.read_bytes())
                out[at] ^= 1
                (w.h.folder / "changed").write_bytes(out)
                code, said, _ = _run(VERIFY, "--fork", w.h.folder / "changed", "--trust", w.h.trust)
                check(code != 0, "changed evidence at", at, "still convinces", said)
            w.h.post(address, w.h.file("a.txt", b"goes on"))
            w.cosign("w1")
            check(w.size("w1") > before, "the honest side does not go on")
            w.cosign("w2", trust=fork.trust)        # who saw nothing believes what it is shown first, and then only that
            check("(LOG_FORKED " in w.cosign("w2", code=1) or _evidence(w, "w2", "doubt"), "w2 signed both")


def a_shorter_fork_is_refused_as_going_back():
    with forked() as (w, fork, address):
        w.h.post(address, w.h.file("a.txt", b"one"))
        w.h.post(address, w.h.file("a.txt", b"two"))
        w.cosign("w1")
        fork.letter(address)
        said = w.cosign("w1", code=1, trust=fork.trust)
        check("(LOG_WENT_BACK " in said, said)
        check("INCOMPLETE" in _judge(w, 3, _evidence(w, "w1", "doubt")), "a proof that is none")
        fork.letter(address)
        fork.letter(address)
        check("(LOG_FORKED " in w.cosign("w1", code=1, trust=fork.trust), "longer than ours, and not found out")
        _judge(w, 0, _evidence(w, "w1"))


def two_receipts_of_one_size_prove_a_fork():
    """Two people need no witness: what each was shown is signed by the log."""
    with forked() as (w, fork, address):
        one = w.h.folder / "one.tlog-proof"
        other = w.h.folder / "other.tlog-proof"
        w.asking("")
        for profile, path in ((w.h.insurer, one), (fork.insurer, other)):
            out = call(POST, "send", "--profile", profile, "--to", address, "--class", "notice", "--type", "a.b", "--title", "t",
                       "--json", w.h.file("c.txt", str(path).encode()))
            call(POST, "receipt", json.loads(out.splitlines()[-1])["id"], "--profile", profile, "--out", path, "--wait", 0)
        check(_judge(w, 0, one, other).startswith("FORK:"), "not proved")
        check(_judge(w, 1, one, one).startswith("NOT PROVED:"), "one history is no fork")


def tiles_that_lie_are_no_growth():
    """A broker that cannot show how the log grew gets no cosignature, and is not called forked without proof."""
    with _witnessed() as w:
        ada = w.h.citizen("ada")
        w.letter(ada)
        w.cosign("w1")
        w.letter(ada)
        liar = Liar(w.h.world, trust.read(w.h.folder / "w1" / "trust"), os.urandom(32))
        lying = w.h.folder / "lying"
        lying.write_text(w.h.trust.read_text().replace(w.h.world.endpoint, liar.endpoint))

        def tiles(verb, question, answer):
            if verb == 13 and answer.get(4):
                answer[4] = bytes(answer[4][:-1]) + bytes([answer[4][-1] ^ 1])
                return answer
            return None
        try:
            before = w.size("w1")
            liar.change = tiles
            said = w.cosign("w1", code=3, trust=lying)
            check("(LOG_UNPROVEN " in said and w.size("w1") == before, said)
            _judge(w, 3, _evidence(w, "w1", "doubt"))
            liar.change = None
            w.cosign("w1", trust=lying)
            check(w.size("w1") > before, "it does not go on")
        finally:
            liar.end()


def a_witness_without_its_memory_does_not_begin_anew():
    """E7.7"""
    with _witnessed() as w:
        w.letter(w.h.citizen("ada"))
        w.cosign("w1")
        state = w.folder["w1"] / "state"
        whole = state.read_bytes()
        state.unlink()
        check("is missing" in w.cosign("w1", code=1), "it forgot")
        for damaged in (whole[:-10], whole.replace(b"log/0", b"log/1"), b"", whole[:200]):
            state.write_bytes(damaged)
            w.cosign("w1", code=1)
        state.write_bytes((w.folder["w2"] / "state").read_bytes().replace(b"w2", b"w1"))
        state.write_bytes(whole)
        w.cosign("w1")


if __name__ == "__main__":
    sys.exit(play({name: f for name, f in globals().items() if name != "forked"}))
