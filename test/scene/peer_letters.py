#!/usr/bin/python3
"""peer_letters - both readers name the same trouble alike

A sender that a registrar vouches for seals what is wrong in many ways; the broker, which sees nothing of it,
files it. The mailbox client and the second client then give each letter the same name of PROTOCOL.md P6. So
with envelopes that were changed on the way, and with receipts.
"""
import json
import subprocess
import sys

from peerstage import PROGRAMS, SENDER, check, citizen, key_file, keys, letters, notes, stage, statements
from world import PATIENCE, play
from fumipeer import agefile, canon, holder, receipts, spec, trust

HOUR = 3600 * 1000
PART = ("text/plain", "n", b"data")
OTHER = "fumi1qyf2equsw7n6gfc7m8w06q0mlhh7cwcvwy2ngs40"
STRANGER = bytes(range(32))             # a secret that is nobody's


class Both:
    """A mailbox of the real client, and the same mailbox here, from its seed."""

    def __init__(self, s):
        self.stage, self.address = s, citizen(s)
        seed = holder.read_identity((s.folder / "citizen" / "identity.age").read_bytes(), s.phrase)
        self.mine = holder.Holder(s.trust, seed, device="main")
        self.mine.statements[1] = [self.mine.wire.ask("lookup", address=self.address)["statement"]]
        self.author = s.sender()
        self.statement = self.author.lookup(self.address, "certificate")

    def theirs(self, seq):
        """What `fumibako open` calls it."""
        out = self.stage.box_tries("open", seq, "--json")
        said = [line for line in (out.stdout + out.stderr).splitlines() if line.startswith("{")]
        return "OK" if out.returncode == 0 else json.loads(said[0])["name"]

    def here(self, header, envelope, body):
        try:
            letters.read(header, envelope, body, self.stage.trust, self.mine.identities())
            return "OK"
        except letters.Refused as e:
            return e.code


# ---- what is inside the seal ----
def _contents(author, address):
    """(what it is, the sealed bytes, what a reader says)."""
    def note(change=lambda text: text, by=author.sign_seed, name=SENDER, **other):
        facts = {"address": address, "kind": "certificate", "type_": "a.b", "title": "t",
                 "issued": "2026-11-23T09:00:00+09:00", "parts": []} | other
        text = letters.write_note(SENDER, author.sign_seed, **facts).rsplit("\n\n", 1)[0] + "\n"
        return notes.sign(change(text), name, by)

    def swap(old, new):
        return lambda text: text.replace(old, new)

    def padded(plain):
        return plain + bytes(letters.padded(len(plain)) - len(plain))
    content, pack, one = letters.content, canon.pack, note(parts=[PART])
    twice = note() + note().rsplit("\n\n", 1)[1][:-8] + "AAAAA==\n"
    plains = [
        ("fine", content(one, [PART]), "OK"),
        ("a foreign signature line", content(note() + notes.sign("x\n", "org.other", STRANGER).split("\n\n")[1], []), "OK"),
        ("a second line that is false", content(twice, []), "LETTER_FORGED"),
        ("padding too long", content(note(), []) + b"\0", "BAD_PADDING"),
        ("padding of ones", content(note(), []).rstrip(b"\0") + b"\1", "BAD_PADDING"),
        ("nothing", b"", "BAD_CONTENT"), ("no map", b"\1", "BAD_CONTENT"),
        ("no parts", padded(pack({1: note()})), "BAD_CONTENT"),
        ("a third key", padded(pack({1: note(), 2: [], 3: 1})), "BAD_CONTENT"),
        ("a key of a later time", padded(pack({1: note(), 2: [], 40: 1})), "BAD_CONTENT"),
        ("a longer spelling", padded(pack({1: note(), 2: []}).replace(b"\2\x90", b"\2\xdc\0\0")), "BAD_CONTENT"),
        ("cut", pack({1: one, 2: [b"data"]})[:-2], "BAD_CONTENT"),
        ("signed by another key", content(note(by=STRANGER), []), "LETTER_FORGED"),
        ("signed under another name", content(note(name="org.other"), []), "LETTER_FORGED"),
        ("changed", content(note().replace("title t", "title u"), []), "LETTER_FORGED"),
        ("no note", content("hello", []), "BAD_CONTENT"),
        ("a line more", content(note(lambda text: text + "more x\n"), []), "BAD_CONTENT"),
        ("a line less", content(note(swap("title t\n", "")), []), "BAD_CONTENT"),
        ("a later version", content(note(swap("letter v1", "letter v2")), []), "BAD_CONTENT"),
        ("a note too long", content(note(title="x" * 66000), []), "BAD_CONTENT"),
        ("another class", content(note(kind="notice"), []), "HEADER_DISAGREES"),
        ("another address", content(note(address=OTHER), []), "HEADER_DISAGREES"),
        ("another sender", content(note(swap("life", "lift")), []), "HEADER_DISAGREES"),
        ("no such class", content(note(kind="diploma"), []), "BAD_CONTENT"),
        ("another part", content(one, [("", "", b"date")]), "PART_DISAGREES"),
        ("another length", content(note(swap(" 4 text", " 5 text"), parts=[PART]), [PART]), "PART_DISAGREES"),
        ("a part too few", content(one, []), "PART_DISAGREES"), ("a part too many", content(note(), [PART]), "PART_DISAGREES"),
        ("a length with a zero", content(note(swap(" 4 text", " 04 text"), parts=[PART]), [PART]), "BAD_CONTENT"),
        ("no name", content(note(swap("plain n", "plain"), parts=[PART]), [PART]), "BAD_CONTENT"),
        ("a name of spaces", content(note(parts=[("a/b", "  n  ", b"")]), [("", "", b"")]), "OK")]
    plains += [(f"media type {media}", content(note(parts=[(media, "n", b"")]), [("", "", b"")]), code) for media, code in (
        ("a/b/c", "OK"), ("text", "BAD_CONTENT"), ("/x", "BAD_CONTENT"), ("x/", "BAD_CONTENT"))]
    plains += [(f"title {title[:9]!r}", content(note(title=title), []), code) for title, code in (
        ("x" * 512, "OK"), ("x" * 513, "BAD_CONTENT"), (" a ", "OK"), ("a\x85b", "BAD_CONTENT"), ("a\tb", "BAD_CONTENT"))]
    plains += [(f"type {type_}", content(note(type_=type_), []), code) for type_, code in (
        ("-a_.B9", "OK"), ("ab", "OK"), ("a..b", "BAD_CONTENT"), ("a.", "BAD_CONTENT"), ("a b", "BAD_CONTENT"))]
    plains += [(f"issued {issued}", content(note(issued=issued), []), code) for issued, code in (
        ("2026-11-23T09:00:00.5-03:30", "OK"), ("2026-11-23t09:00:00z", "BAD_CONTENT"), ("2026-11-23 09:00:00Z", "BAD_CONTENT"),
        ("2016-12-31T23:59:60Z", "BAD_CONTENT"), ("2026-02-30T09:00:00Z", "BAD_CONTENT"), ("1900-01-01T00:00:00Z", "OK"),
        ("1899-12-31T23:59:59Z", "BAD_CONTENT"), ("2026-11-23T09:00:00+00:60", "BAD_CONTENT"), ("yesterday", "BAD_CONTENT"))]
    seals = [r for r, _, _ in statements.read_address(author.wire.ask("lookup", address=address)["statement"])["seals"]]
    sealed = agefile.seal(content(note(), []), seals)
    return [(what, agefile.seal(plain, seals), code) for what, plain, code in plains] + [
        ("to somebody else", agefile.seal(content(note(), []), [agefile.recipient(STRANGER)]), "NOT_FOR_US"),
        ("no age file", b"garbage", "SEAL_BROKEN"), ("a cut age file", sealed[:-1], "SEAL_BROKEN"),
        ("a changed age file", sealed[:-1] + bytes([sealed[-1] ^ 1]), "SEAL_BROKEN"),
        ("another version of age", sealed.replace(b"org/v1", b"org/v2", 1), "SEAL_BROKEN")]


def what_is_wrong_inside_the_seal_has_one_name():
    with stage() as s:
        both = Both(s)
        cases = _contents(both.author, both.address)
        batch = [letters.address_body(SENDER, both.statement, "certificate", body) for _, body, _ in cases]
        check({f["code"] for f in both.author.submit(batch)} == {0}, "the broker sees nothing of it")
        s.box("get", "--all")
        for (what, _, code), listed in zip(cases, both.mine.list()["letters"]):
            found = both.here(*both.mine.fetch(listed["seq"])), both.theirs(listed["seq"])
            check(found == (code, code), what, "is", found, "and not", code)


# ---- envelopes ----
def _envelopes(s, author, envelope):
    """(what it is, fields of the envelope that are otherwise, what a reader says)."""
    fake = holder.Registrar(key_file("registrar", s.registrar.name))
    now, time = letters.now_ms(), envelope["time"]

    def registration(by=s.registrar, **other):
        facts = {"sender": SENDER, "title": "T", "granted": ["certificate"], "key": keys.public(author.sign_seed),
                 "transport": keys.x25519(author.transport), "epoch": 1, "begin": now - HOUR, "end": now + HOUR} | other
        return {"sender": statements.write_sender(by.name, by.sign_seed, **facts)}
    good = registration()["sender"]
    return [("as it was", {}, "OK"), ("another registration", registration(), "OK"),
            ("signature", {"signature": bytes(64)}, "BATCH_FORGED"), ("index", {"index": 0}, "BATCH_FORGED"),
            ("index beyond", {"index": 3}, "BATCH_FORGED"), ("no count", {"count": 0}, "BATCH_FORGED"),
            ("a path too short", {"path": envelope["path"][:1]}, "BATCH_FORGED"),
            ("a path too long", {"path": envelope["path"] + [bytes(32)]}, "BATCH_FORGED"),
            ("another key", registration(key=keys.public(STRANGER)), "BATCH_FORGED"),
            ("another registrar", registration(by=fake), "NOT_TRUSTED"),
            ("a changed registration", {"sender": good.replace("name T", "name U")}, "SENDER_UNPROVEN"),
            ("another's registration", registration(sender="org.other"), "SENDER_UNPROVEN"),
            ("no note", {"sender": "x"}, "SENDER_UNPROVEN"),
            ("a name too long", registration(title="x" * 257), "SENDER_UNPROVEN"),
            ("no registration", {"sender": notes.sign("x\n", s.registrar.name, s.registrar.sign_seed)}, "SENDER_UNPROVEN"),
            ("ended", registration(end=time // 1000 * 1000), "SENDER_LAPSED"),
            ("not begun", registration(begin=now + HOUR), "SENDER_LAPSED"), ("filed in 1970", {"time": 0}, "SENDER_LAPSED"),
            ("another class", registration(granted=["notice"]), "CLASS_NOT_GRANTED")]


def what_is_wrong_with_an_envelope_has_one_name():
    with stage() as s:
        both = Both(s)
        both.author.submit([both.author.letter(both.statement, "certificate", f"{i}", []) for i in range(3)])
        s.box("get", "--all")
        header, envelope, body = both.mine.fetch(2)
        file = s.folder / "citizen" / "letters" / f"{letters.letter_id(header).hex()}.letter"

        def kept(**other):
            return canon.pack({1: header, 2: canon.record("envelope", envelope | other)})
        check(file.read_bytes() == kept(), "a letter kept on disk is these bytes (E7.2)")
        for what, other, code in _envelopes(s, both.author, envelope):
            file.write_bytes(kept(**other))
            found = both.here(header, envelope | other, body), both.theirs(2)
            check(found == (code, code), what, "is", found, "and not", code)
        for data in (kept()[:-1], kept() + b"\0", canon.pack({1: header + b"\0", 2: canon.record("envelope", envelope)})):
            file.write_bytes(data)
            check(both.theirs(2) == "BAD_ENVELOPE", "a file that is not of the form")
        file.write_bytes(kept())
        for changed in (body[:-1], body + b"\0", bytes([body[0] ^ 1]) + body[1:]):
            file.with_suffix(".age").write_bytes(changed)
            found = both.here(header, envelope, changed), both.theirs(2)
            check(found == ("SEAL_BROKEN", "SEAL_BROKEN"), found)


def a_header_of_a_later_time_is_carried():
    with stage() as s:
        both = Both(s)
        one = both.author.letter(both.statement, "certificate", "Later", [])
        header = canon.pack(canon.plain(spec.RECORDS["header"], one.fields) | {40: {1: [1.5, None]}})
        one = one._replace(header=header, id=letters.letter_id(header))
        s.judge(both.author.receipt(one, both.author.submit([one])[0]))
        s.box("get", "--all")
        check((both.theirs(1), both.here(*both.mine.fetch(1))) == ("OK", "OK"), "by both readers")


# ---- receipts ----
def every_changed_byte_of_a_receipt_has_one_verdict():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        batch = [s.letter(author, reader, f"{i}") for i in range(3)]
        good = author.receipt(batch[1], author.submit(batch)[1]).encode()
        changed = [good[:i] + bytes([good[i] ^ flip]) + good[i + 1:] for i in range(len(good)) for flip in (1, 0x20)]
        changed += [good[:i] + good[i + 1:] for i in range(len(good))]
        witness = notes.sign("x\n", "witness.example", STRANGER).split("\n\n")[1].encode()
        changed += [good + b"\n", good[:-1], b"", good.replace(b"\n", b"\r\n"), good.replace(b"index ", b"index 0"),
                    good + witness]
        files = [s.write(f"{i}.tlog-proof", data).name for i, data in enumerate([good, *changed])]
        p = subprocess.run([PROGRAMS["fumibako-verify"] / "fumibako-verify", "--trust", s.trust_file, "--json", *files],
                           cwd=s.folder, capture_output=True, text=True, timeout=PATIENCE)
        theirs = [json.loads(line)["verdict"] for line in p.stdout.splitlines()]
        check(len(theirs) == len(files) and theirs[0] == "OK", "the receipt itself", theirs[:1])
        for data, verdict in zip(changed, theirs[1:]):
            wanted = "INCOMPLETE" if data == good + witness else "FAIL"        # E6.8
            check(verdict == wanted and _verdict(data, s.trust) == wanted, verdict, data)


def _verdict(data, known):
    try:
        return receipts.verify(data.decode(), known)[0]
    except UnicodeDecodeError:
        return "FAIL"


def a_receipt_without_its_logs_key_is_incomplete():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        one = s.letter(author, reader)
        proof, text = author.receipt(one, author.submit([one])[0]), s.trust_file.read_text()
        name, key = s.trust.logs[0]
        for other, code, verdict in (("other.example/log/0", 3, "INCOMPLETE"), (name, 1, "FAIL")):
            wrong = key if other != name else keys.public(STRANGER)
            s.trust_file.write_text(text.replace(notes.vkey(name, key), notes.vkey(other, wrong)))
            s.judge(proof, code=code)
            check(receipts.verify(proof, trust.Trust(s.trust_file.read_text()))[0] == verdict, verdict)
        s.judge(proof.replace("\nindex ", "\nindex 1"), code=1)


if __name__ == "__main__":
    sys.exit(play(globals()))
