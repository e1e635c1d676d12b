#!/usr/bin/python3
"""One bit turned over, anywhere in what is signed or sealed, on the wire or on disk: refused, with a code that says
what is wrong, and nothing has changed."""
import random
import subprocess
import sys

from household import VERIFY, household
from peerstage import check, keys, stage, statements, wire
from world import play
from fumipeer import canon, letters, spec

CHANCE = random.Random(1)
STATEMENT = {"BAD_STATEMENT", "BAD_SIGNATURE", "KEY_MISMATCH", "UNKNOWN_REGISTRAR", "MALFORMED"}


def _flips(data, step=1):
    """Copies of this with one bit turned over, in every step-th byte."""
    for at in range(CHANCE.randrange(step), len(data), step):
        out = bytearray(data)
        out[at] ^= 1 << CHANCE.randrange(8)
        yield bytes(out)


def _text_flips(text, step=1):
    """The same for text, which msgpack carries as UTF-8 or not at all."""
    for data in _flips(text.encode(), step):
        yield data


def _pack(verb, number, fields):
    """A request whose text may be no UTF-8: bytes in a `text` field are sent as str."""
    out = bytearray(canon.pack({0: verb, 1: number})[1:])
    for key, value in sorted(fields.items()):
        out += bytes([key])
        if isinstance(value, tuple):
            raw, = value
            out += canon.pack("x" * len(raw))[:-len(raw)] + raw
        else:
            out += canon.pack(value)
    return bytes([0x82 + len(fields)]) + bytes(out)


def _codes(connection, requests):
    """The outcome of each, asked all at once; of a submission or acknowledgement that of its first letter."""
    requests = list(requests)
    for at in range(0, len(requests), 32):
        part = requests[at:at + 32]
        for number, (verb, fields) in enumerate(part, at + 1):
            connection.send_bytes(_pack(verb, number, fields))
        got = {}
        for _ in part:
            answer = connection.receive(wire.ANSWER_MOST)
            check(answer is not None, "no answer")
            code = answer["code"]
            if not code and isinstance(answer.get("letters"), list):
                code = answer["letters"][0]["code"]
            got[answer["number"]] = spec.OUTCOMES.get(code, "done") if code else "done"
        yield from (got[n] for n in range(at + 1, at + 1 + len(part)))


def _all_refused(connection, wanted, requests):
    codes = list(_codes(connection, requests))
    check(codes and set(codes) <= set(wanted), "other outcomes than", wanted, ":", {c: codes.count(c) for c in codes})
    return codes


def a_bit_of_a_submission():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        batch = [s.letter(author, reader, f"{i}") for i in range(3)]
        signature = letters.sign_batch(author.name, author.sign_seed, [b.id for b in batch])

        def submit(header=None, body=None, sign=signature, sender=author.name):
            first = {1: header or batch[0].header, 2: body or batch[0].body}
            return 2, {4: sender, 5: sign, 6: [first] + [{1: b.header, 2: b.body} for b in batch[1:]]}
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, (submit(header=h) for h in _flips(batch[0].header)))
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, (submit(sign=f) for f in _flips(signature)))
        check(reader.list()["count"] == 0, "something was filed")
        verb, fields = submit()
        for left_out in range(3):
            part = [one for i, one in enumerate(fields[6]) if i != left_out]
            _all_refused(s.anyone, {"BAD_SIGNATURE"}, [(verb, fields | {6: part}), (verb, fields | {6: part[::-1]})])
        check(reader.list()["count"] == 0, "a part of a batch was filed")
        _all_refused(s.anyone, {"DIGEST_MISMATCH"}, (submit(body=b) for b in _flips(batch[0].body, 7)))
        check(reader.list()["count"] == 2, "the two that were not touched are filed, each once")
        ids = [letters.letter_id(one["header"]) for one in reader.list()["letters"]]
        check(sorted(ids) == sorted(b.id for b in batch[1:]), "other letters than were signed")


def a_bit_of_a_whole_message():
    """Whatever it turns the request into: no letter comes of it but the one that was signed."""
    with stage() as s:
        reader, author = s.holder(), s.sender()
        one = s.letter(author, reader)
        data = canon.request(spec.VERBS["submit"], 7, author.submission([one]))
        for n, flipped in enumerate(_flips(data)):
            s.anyone.send_bytes(flipped)
            if n % 32 == 31:
                while s.anyone.receive(0.05):
                    pass
        check(s.anyone.ask("info")["code"] == 0, "it goes on")
        listed = reader.list()
        check(listed["count"] <= 1 and all(letters.letter_id(x["header"]) == one.id for x in listed["letters"]),
              "another letter was filed", listed)
        check(s.world.counter("restarts") == 0, s.world.log())


def a_bit_of_a_statement():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        before = s.anyone.ask("info")["checkpoint"]
        address = reader.address_statement(1, [("org.example-life", ["notice"])])
        bound = keys.sign(reader.sign_seed, b"fumibako bind v1\n" + reader.mailbox.encode() + b"\n"
                          + statements.hash_of(address))
        _all_refused(s.anyone, STATEMENT, ((8, {4: (f,), 5: reader.mailbox, 6: bound}) for f in _text_flips(address)))
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, ((8, {4: address, 5: reader.mailbox, 6: f}) for f in _flips(bound)))
        _all_refused(s.anyone, {"UNKNOWN_MAILBOX", "MALFORMED"}, ((8, {4: address, 5: (f,), 6: bound})
                                                                 for f in _text_flips(reader.mailbox)))
        mailbox = reader.mailbox_statement(2, statements.hash_of(reader.mailbox_statement()))
        _all_refused(s.anyone, STATEMENT, ((7, {4: (f,)}) for f in _text_flips(mailbox)))
        enrolment = s.registrar.enrol(reader.key, 3)
        _all_refused(s.anyone, STATEMENT, ((7, {4: mailbox, 5: (f,)}) for f in _text_flips(enrolment)))
        registration = s.registration(author, ["notice"], epoch=2, previous=bytes(32))
        _all_refused(s.anyone, STATEMENT, ((6, {4: (f,)}) for f in _text_flips(registration)))
        check(s.anyone.ask("info")["checkpoint"] == before, "something came into force")


def a_bit_of_an_acknowledgement():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        author.submit([s.letter(author, reader)])
        ack = reader.acknowledgement(reader.list()["letters"])
        fields = {4: ack["mailbox"], 5: ack["seqs"], 6: b"".join(ack["letters"]), 7: ack["time"], 8: ack["signature"]}
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, ((11, fields | {8: f}) for f in _flips(fields[8])))
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, ((11, fields | {6: f}) for f in _flips(fields[6])))
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, ((11, fields | {7: fields[7] ^ 1 << bit}) for bit in range(40)))
        _all_refused(s.anyone, {"NO_SUCH_LETTER"}, ((11, fields | {5: [1 ^ 1 << bit]}) for bit in range(1, 40)))
        _all_refused(s.anyone, {"UNKNOWN_MAILBOX", "MALFORMED"}, ((11, fields | {4: (f,)})
                                                                 for f in _text_flips(fields[4])))
        check("handed" not in reader.list()["letters"][0], "something was acknowledged")


def a_submission_under_another_name():
    """What one sender signed and another hands in as his own."""
    with stage() as s:
        reader, author, other = s.holder(), s.sender(), s.sender("org.example-other")
        one = s.letter(author, reader)
        fields = other.submission([one])
        codes = _all_refused(s.anyone, {"MALFORMED"}, [(2, {4: other.name, 5: fields["signature"],
                                                         6: [{1: one.header, 2: one.body}]})])
        check(codes == ["MALFORMED"] and reader.list()["count"] == 0)
        _all_refused(s.anyone, {"BAD_SIGNATURE"}, [(2, {4: author.name, 5: fields["signature"],
                                                    6: [{1: one.header, 2: one.body}]})])
        check(reader.list()["count"] == 0, "filed under another's signature")


def a_bit_on_the_recipients_disk():
    with household() as h:
        ada = h.citizen("ada")
        h.post(ada.address(), h.file("a.txt", b"hello" * 20))
        ada("get", "--all")
        codes = {}
        for suffix, step in (("age", 7), ("letter", 5)):
            path, = (p for p in (ada.folder / "letters").glob(f"*.{suffix}") if len(p.stem) == 64)
            whole = path.read_bytes()
            for flipped in _flips(whole, step):
                path.write_bytes(flipped)
                code, out, err = ada.run("open", "1")
                check(code not in (0, -11, -6) and "お知らせ" not in out, "opened all the same", out, err)
                codes[suffix] = codes.get(suffix, set()) | {err.rpartition("(")[2].split(" ")[0]}
            path.write_bytes(whole)
        check(codes["age"] <= {"SEAL_BROKEN", "NOT_FOR_US"}, codes)
        ada("open", "1")


def a_bit_of_a_receipt():
    with household() as h:
        ada = h.citizen("ada")
        h.post(ada.address(), h.file("a.txt", b"hello"))
        ada("get", "--all")
        path, = (ada.folder / "letters").glob("*.tlog-proof")
        whole = path.read_bytes()
        judged = h.folder / "judged.tlog-proof"

        def verdict(data):
            judged.write_bytes(data)
            return subprocess.run([VERIFY, judged, "--trust", h.trust], capture_output=True).returncode
        check(verdict(whole) == 0, "the receipt itself is no good")
        found = {verdict(flipped) for flipped in _flips(whole, 2)}
        check(found <= {1, 3} and 1 in found, "verdicts", found)


if __name__ == "__main__":
    sys.exit(play(dict(globals())))
