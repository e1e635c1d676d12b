#!/usr/bin/python3
"""A broker that lies. It has the broker's own transport key, so everybody speaks to it; behind it is the honest
one. Whatever it changes in an answer is refused by fumibako-post and fumibako, each lie with its own code, and
nothing of it is kept: with the honest broker everything goes on."""
import contextlib
import json
import os
import re
import subprocess
import sys
import threading

import msgpack
import zmq
import zmq.utils.z85

import peerstage  # noqa: F401: where the second client is
from household import POST, SENDER, household
from world import check, play
from fumipeer import agefile, canon, holder, keys, letters, spec, statements, trust, wire

SUBMIT, LOOKUP, REGISTER, LIST, FETCH, ACK = 2, 4, 7, 9, 10, 11
HOUR = 3600 * 1000


class Liar(threading.Thread):
    """Passes on what it is asked under somebody's transport key; change(verb, question, answer) changes answers."""

    def __init__(self, world, honest, secret):
        super().__init__(daemon=True)
        seed = keys.key_file(world.seed.read_text())[2]
        own = keys.derive(seed, "broker transport")
        self.context = zmq.Context()
        self.socket = self.context.socket(zmq.ROUTER)
        self.socket.linger = 0
        self.socket.curve_server = True
        self.socket.curve_secretkey = zmq.utils.z85.encode(own)
        self.socket.curve_publickey = zmq.utils.z85.encode(keys.x25519(own))
        port = self.socket.bind_to_random_port("tcp://127.0.0.1")
        self.endpoint = f"tcp://127.0.0.1:{port}"
        self.honest = wire.Connection(honest, secret)
        self.change, self.lies, self.ended = None, 0, False
        self.start()

    def run(self):
        while not self.ended:
            if self.socket.poll(50):
                who, data = self.socket.recv_multipart()
                self.honest.send_bytes(data)
                self.socket.send_multipart([who, self.answer(_unpack(data))])

    def answer(self, question):
        while True:
            check(self.honest.socket.poll(20000), "the honest broker does not answer")
            data = self.honest.socket.recv()
            answer = _unpack(data)
            if answer[1] == question[1]:
                break
        told = self.change and self.change(question[0], question, answer)
        if not told:
            return data
        self.lies += 1
        return msgpack.packb(dict(sorted(told.items())), use_bin_type=True)

    def end(self):
        self.ended = True
        self.join()
        self.socket.close()
        self.honest.close()
        self.context.term()


def _unpack(data):
    return msgpack.unpackb(data, strict_map_key=False)


class Scene:
    def __init__(self, h):
        self.h = h
        self.trust = trust.read(h.trust)
        self.ada, self.bob = h.citizen("ada"), h.citizen("bob")
        self.letter = h.file("a.txt", b"hello\n")
        self.liars = []

    def between(self, folder, secret):
        """A liar between whoever has this folder and the broker."""
        liar = Liar(self.h.world, self.trust, secret)
        self.liars.append(liar)
        path = folder / "trust"
        path.write_text(path.read_text().replace(self.trust.endpoint, liar.endpoint))
        return liar

    def before_sender(self):
        _, _, seed = keys.key_file((self.h.insurer / "sender.key").read_text())
        self.sender_seed = seed
        return self.between(self.h.insurer, keys.derive(seed, "sender transport"))

    def seed_of(self, citizen):
        return holder.read_identity((citizen.folder / "identity.age").read_bytes(), citizen.passphrase.encode())

    def before(self, citizen):
        return self.between(citizen.folder, keys.derive(self.seed_of(citizen), "transport main"))

    def send(self, address):
        """Exit code and what was said."""
        p = subprocess.run([POST, "send", "--profile", self.h.insurer, "--to", address, "--class", "notice", "--type", "a.b",
                            "--title", "t", "--timeout", "5", self.letter], capture_output=True, text=True, timeout=60,
                           stdin=subprocess.DEVNULL)
        return p.returncode, p.stdout, p.stderr

    def post(self, address):
        self.h.post(address, self.letter)

    def run(self):
        p = subprocess.run([POST, "run", "--profile", self.h.insurer], capture_output=True, text=True, timeout=60)
        check(p.returncode == 0, "run", p.stdout, p.stderr)

    def results(self):
        p = subprocess.run([POST, "results", "--profile", self.h.insurer, "--json"], capture_output=True, text=True)
        return [json.loads(line) for line in p.stdout.splitlines()]

    def count(self, citizen):
        return len(citizen.json("list")["letters"])


@contextlib.contextmanager
def _scene(**more):
    with household(**more) as h:
        s = Scene(h)
        try:
            yield s
        finally:
            for liar in s.liars:
                liar.end()


def _caught(liar, name, change, program, *what):
    """program(*what) with this lie ends with the outcome of this name."""
    liar.change, before = change, liar.lies
    code, out, err = program(*what)
    liar.change = None
    check(liar.lies > before, "the lie was not told", out, err)
    check(code != 0, name, "was not noticed", out, err)
    check(f"({name} " in out + err, "not", name, "but", out, err)


def _flip(data, at=-1):
    out = bytearray(data)
    out[at] ^= 1
    return bytes(out)


def _on(verb, edit):
    """A lie about the answers to one verb: edit(fields of the answer) changes them in place."""
    def change(asked, question, answer):
        if asked != verb or answer[2]:
            return None
        edit(answer)
        return answer
    return change


# ---- to a sender ----
def statements_that_are_not_the_address_owners_are_refused():
    with _scene() as s:
        liar = s.before_sender()
        thief = os.urandom(32)
        others = wire.Connection(s.trust).ask("lookup", address=s.bob.address())

        def own_key(answer):            # a statement that names the address, signed by the thief
            note = statements.write_address(thief, 1, [agefile.recipient(os.urandom(32))], [(SENDER, ["notice"])], 0,
                                            letters.now_ms() + HOUR)
            answer[4] = note.replace(keys.name_of("fumi", keys.public(thief)), address)

        def another(answer):
            answer[4], answer[5] = others["statement"], others["attestation"]

        def own_seal(answer):
            answer[4] = re.sub("\nseal .*", "\nseal " + agefile.recipient(os.urandom(32)), answer[4])

        def later(answer):
            answer[4] = answer[4].replace("epoch 1", "epoch 2\nprevious " + "A" * 43 + "=")

        def longer(answer):
            answer[4] = re.sub(r"(valid \S+ )\d{4}", r"\g<1>2099", answer[4])

        def odd(answer):
            answer[4] = answer[4].replace("epoch 1", "epoch 01")

        def half(answer):
            answer[4] = "fumibako address v1\n"
        for name, edit in (("KEY_MISMATCH", own_key), ("KEY_MISMATCH", another), ("BAD_SIGNATURE", own_seal),
                           ("BAD_SIGNATURE", later), ("BAD_SIGNATURE", longer), ("BAD_STATEMENT", odd), ("BAD_STATEMENT", half)):
            address = s.ada.address()
            _caught(liar, name, _on(LOOKUP, edit), s.send, address)
            s.post(address)             # nothing of the lie was kept
        check(s.count(s.bob) == 0 and s.count(s.ada) == 7, "other letters than were posted")


def levels_that_the_broker_did_not_sign_are_refused():
    with _scene() as s:
        liar = s.before_sender()
        others = wire.Connection(s.trust).ask("lookup", address=s.bob.address())
        for name, edit in (("NOT_TRUSTED", lambda a: a.update({5: re.sub("level .", "level 3", a[5])})),
                           ("BAD_STATEMENT", lambda a: a.update({5: others["attestation"]}))):
            _caught(liar, name, _on(LOOKUP, edit), s.send, s.ada.address())
        check(s.count(s.ada) == 0, "a letter was filed all the same")


def statements_out_of_force_are_refused():
    """The address owner's own, all of them: too old, not in force yet or any more, closed, without consent."""
    with _scene() as s:
        liar, seed, now = s.before_sender(), s.seed_of(s.ada), letters.now_ms()
        seal, yes = [agefile.recipient(os.urandom(32))], [(SENDER, ["notice"])]
        for number, (name, statement) in enumerate([
                ("STATEMENT_EXPIRED", (seal, yes, now - 2 * HOUR, now - HOUR)),
                ("STATEMENT_EXPIRED", (seal, yes, now + HOUR, now + 2 * HOUR)),
                ("ADDRESS_CLOSED", ([], yes, now - HOUR, now + HOUR, None, now - HOUR)),
                ("NOT_ACCEPTED", (seal, [("org.example-other", ["notice"])], now - HOUR, now + HOUR)),
                ("NOT_ACCEPTED", (seal, [(SENDER, ["certificate"])], now - HOUR, now + HOUR))], 1):
            note = statements.write_address(keys.derive(seed, f"address {number} sign"), 1, *statement)

            def told(answer):
                answer[4] = note
                answer.pop(5)
            address = s.ada.address()
            check(address in note, "not this address's number")
            _caught(liar, name, _on(LOOKUP, told), s.send, address)
        check(s.count(s.ada) == 0, "a letter was filed all the same")


def an_older_statement_is_refused_by_who_has_seen_the_newer():
    with _scene() as s:
        liar = s.before_sender()
        address = s.ada.address()
        anyone = wire.Connection(s.trust)
        old = anyone.ask("lookup", address=address)
        s.ada("address", "renew", address)
        new = anyone.ask("lookup", address=address)
        s.post(address)
        s.ada("address", "renew", address)      # the sender has to ask again: what it has is out of force

        def older(which):
            def change(verb, question, answer):
                if verb == SUBMIT:
                    for one in answer.get(4, []):
                        if one.get(9):
                            one[9] = which["statement"]
                if verb == LOOKUP:
                    answer[4], answer[5] = which["statement"], which["attestation"]
                return answer if verb in (SUBMIT, LOOKUP) else None
            return change
        _caught(liar, "EPOCH_CONFLICT", older(old), s.send, address)
        check(s.count(s.ada) == 1, "a letter sealed to an old key was filed")
        s.post(address)
        check(s.count(s.ada) == 2 and new["statement"] != old["statement"], "it does not go on")


def receipts_that_are_not_true_are_refused():
    """What is answered to a submission: with a checkpoint that proves nothing the letter goes on waiting."""
    with _scene() as s:
        liar = s.before_sender()
        address = s.ada.address()
        s.post(address)
        honest_point = wire.Connection(s.trust).ask("info")["checkpoint"]

        def point(answer):
            answer[5] = answer[5].replace("\n\n", "\nx\n\n")

        def root_(answer):
            lines = answer[5].split("\n")
            lines[2] = keys.b64(os.urandom(32))
            answer[5] = "\n".join(lines)

        def earlier(answer):            # true, but of before this letter
            answer[5] = honest_point

        def leaf(answer):
            answer[4][0][3] = 1 << 40

        def none(answer):
            answer.pop(5)
        for n, edit in enumerate((point, root_, earlier, leaf, none), 2):
            _caught(liar, "RECEIPT_FORGED", _on(SUBMIT, edit), s.send, address)
            check(s.results()[-1]["state"] == "waiting", edit.__name__, s.results())
            s.run()                     # the honest broker has it: the same letter, not another
            check(s.results()[-1]["state"] == "filed" and s.count(s.ada) == n, s.count(s.ada), "letters", s.results())


def leaves_and_salts_that_are_not_true_show_in_the_receipt():
    with _scene() as s:
        liar = s.before_sender()
        address = s.ada.address()
        for edit in (lambda a: a[4][0].update({3: a[4][0][3] - 1}), lambda a: a[4][0].update({4: _flip(a[4][0][4])}),
                     lambda a: a[4][0].update({5: a[4][0][5] - 1})):
            before = liar.lies
            liar.change = _on(SUBMIT, edit)
            code, out, err = s.send(address)
            liar.change = None
            check(liar.lies > before, "the lie was not told")
            if code == 0:
                last = s.results()[-1]["id"]
                p = subprocess.run([POST, "receipt", last, "--profile", s.h.insurer], capture_output=True, text=True)
                code, err = p.returncode, p.stderr
            check(code != 0 and "(RECEIPT_FORGED " in err, "the lie was believed:", out, err)


# ---- to a recipient ----
def letters_that_were_changed_are_refused():
    """Fetched: another body, header or envelope than was signed, sealed and filed."""
    with _scene() as s:
        liar, address = s.before(s.ada), s.ada.address()
        for _ in range(2):
            s.post(address)
        honest = holder.Holder(s.trust, s.seed_of(s.ada), device="main")
        second = honest.wire.ask("fetch", mailbox=honest.mailbox, seq=2, offset=0, limit=1 << 20)
        raw = {}

        def remember(verb, question, answer):
            if verb == FETCH:
                raw.update(answer)
        liar.change = remember
        s.ada("get", "2")

        def envelope(key, value):
            return lambda a: a[6].update({key: value(a[6][key])})

        def header(before, after):
            return lambda a: a.update({5: a[5].replace(before, after)})
        registration = lambda text: text.replace("notice", "record")              # noqa: E731
        for name, edit in (("SEAL_BROKEN", lambda a: a.update({4: _flip(a[4])})),
                           ("SEAL_BROKEN", lambda a: a.update({4: _flip(a[4], 0)})),
                           ("SEAL_BROKEN", lambda a: a.update({4: second["body"][:len(a[4])].ljust(len(a[4]), b"x")})),
                           ("BATCH_FORGED", lambda a: a.update({5: _flip(a[5])})),
                           ("BATCH_FORGED", lambda a: a.update({5: raw[5]})),
                           ("BATCH_FORGED", envelope(1, _flip)),
                           ("BATCH_FORGED", envelope(1, lambda _: raw[6][1])),
                           ("BATCH_FORGED", envelope(4, lambda path: path + bytes(32))),
                           ("BAD_ENVELOPE", lambda a: a.update({5: a[5] + b"x"})),
                           ("SENDER_UNPROVEN", envelope(5, registration)),
                           ("RECEIPT_FORGED", envelope(6, lambda leaf: leaf - 1)),
                           ("RECEIPT_FORGED", envelope(6, lambda leaf: leaf + 1000)),
                           ("RECEIPT_FORGED", envelope(7, _flip)),
                           ("RECEIPT_FORGED", envelope(8, lambda time: time - 1)),
                           ("RECEIPT_FORGED", envelope(9, lambda point: point.replace("\n", "\n1", 1)))):
            _caught(liar, name, _on(FETCH, edit), s.ada.run, "get", "1")
            check(not s.ada.json("list")["letters"][0]["here"], "a part of it was kept")
        s.ada("get", "1")
        s.ada("open", "1")


def letters_to_others_are_refused():
    """A letter that was written to somebody else, put into the box; and another one of ours in its place."""
    with _scene() as s:
        liar, mine, others = s.before(s.ada), s.ada.address(), s.bob.address()
        s.post(mine)
        s.post(others)
        bob = holder.Holder(s.trust, s.seed_of(s.bob), device="main")
        theirs = _raw(bob, "fetch", seq=1, offset=0, limit=1 << 20)

        def swap(answer):
            for key in (4, 5, 6):
                answer[key] = theirs[key]
        _caught(liar, "WRONG_ADDRESS", _on(FETCH, swap), s.ada.run, "get", "1")

        def readdressed(answer):        # the broker cannot write our address into it either
            swap(answer)
            answer[5] = answer[5].replace(others.encode(), mine.encode())
        _caught(liar, "BATCH_FORGED", _on(FETCH, readdressed), s.ada.run, "get", "1")
        s.ada("get", "1")


def _raw(who, verb, **fields):
    """An answer as it came."""
    who.wire.send_bytes(canon.request(spec.VERBS[verb], 99, {"mailbox": who.mailbox} | fields))
    check(who.wire.socket.poll(20000), "no answer")
    return _unpack(who.wire.socket.recv())


def a_box_that_lost_or_exchanged_letters_is_noticed():
    with _scene() as s:
        liar, address = s.before(s.ada), s.ada.address()
        for _ in range(3):
            s.post(address)
        s.ada("list")

        def fewer(answer):
            answer[5] = 2
            answer[4] = answer[4][:2]

        def head(answer):
            answer[6] = _flip(answer[6])

        def order(answer):
            answer[4] = answer[4][::-1]

        def more(answer):
            answer[4][-1][1] = 9
        for edit in (fewer, head, order, more):
            liar.change, before = _on(LIST, edit), liar.lies
            code, out, err = s.ada.run("list")
            check(liar.lies > before and code != 0, "not noticed:", edit.__name__, out, err)
        liar.change = None
        check(s.count(s.ada) == 3, "it does not go on")


def mailbox_statements_that_are_not_the_holders_are_refused():
    """A device is told what is in force, to build on it (P4.7.5, E8.4): only what its own key signed counts."""
    with _scene() as s:
        mailbox = s.ada.folder / "mailbox"
        own, others = mailbox.read_text(), (s.bob.folder / "mailbox").read_text()
        liar = s.before(s.ada)
        device = keys.b64(keys.x25519(os.urandom(32)))

        def told(text):
            def change(asked, question, answer):
                if asked == REGISTER:
                    return {0: answer[0], 1: answer[1], 2: spec.CODES["EPOCH_CONFLICT"], 3: "statement", 32: text}
            return change
        for name, text in (("KEY_MISMATCH", others), ("KEY_MISMATCH", "nonsense\n"), ("KEY_MISMATCH", own[:-20]),
                           ("KEY_MISMATCH", own.replace("\nvalid", f"\ndevice {device} thief\nvalid")),
                           ("EPOCH_CONFLICT", own)):    # and who says so again and again is not listened to for ever
            _caught(liar, name, told(text), s.ada.run, "register")
            check(mailbox.read_text() == own, "taken up:", text)
        s.ada("register")
        check([d["device"] for d in s.ada.json("device", "list")["devices"]] == ["main"])
        for name in ("two", "three"):
            s.ada("device", "add", name)
        newest = mailbox.read_text()
        _caught(liar, "EPOCH_CONFLICT", told(own), s.ada.run, "register")       # of long ago: this device knows better
        check(mailbox.read_text() == newest)
        s.ada("register")


def handovers_that_were_not_filed_are_refused():
    with _scene() as s:
        liar, address = s.before(s.ada), s.ada.address()
        for edit in (lambda a: a.pop(5), lambda a: a.update({5: a[5].replace("\n", "\n1", 1)}),
                     lambda a: a[4][0].update({2: 1 << 40})):
            s.post(address)
            s.ada("get", "--all")
            seq = s.ada.json("list")["letters"][-1]["seq"]
            _caught(liar, "RECEIPT_FORGED", _on(ACK, edit), s.ada.run, "ack", seq)
            s.ada("ack", seq)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
