#!/usr/bin/python3
"""peer_refusals - what the broker refuses, and with which code, as PROTOCOL.md says; asked by the second client

Each scene also looks at what must not have happened.
"""
import sys
import time

from peerstage import SENDER, check, key_file, keys, letters, notes, refused, sender, stage, statements, wire
from world import play
from fumipeer import canon, holder, spec

HOUR = 3600 * 1000
AGE = "age1syhkdhgp4m947qk29k534q8a5a0tsa3u2trkgt07vmt08jx0yyeq4qd4v0"       # of P8.1


def _filed(record, name, where=None):
    check(record["code"] == spec.CODES[name], spec.OUTCOMES.get(record["code"], record["code"]), "in place of", name)
    check(where is None or record.get("where") == where, record.get("where"), "in place of", where)


def _submit(author, *batch, inline=True):
    return author.submit(list(batch), inline)


# ---- the form of messages (P2.6, P3) ----
def _raw(connection, data, number, name, where=None):
    connection.send_bytes(data)
    answer = connection.receive(wire.ANSWER_MOST)
    check(answer is not None, "no answer where", name, "was expected:", data[:40].hex())
    check(answer["number"] == number, answer)
    _filed(answer, name, where)


def messages_that_are_not_of_the_form_are_answered_so():
    with stage() as s:
        c, box = s.anyone, {4: "fumibox1x", 5: 0, 6: 1}
        for number, (body, name, where) in enumerate([
                ({0: 999}, "UNKNOWN_VERB", None),
                ({0: len(spec.VERBS) + 1}, "UNKNOWN_VERB", None),
                ({0: 0}, "UNKNOWN_VERB", None),
                ({0: 9, 4: "fumibox1x", 5: 0}, "MALFORMED", "limit"),                # missing
                ({0: 9, 4: b"fumibox1x", 5: 0, 6: 1}, "MALFORMED", "mailbox"),       # bin for str
                ({0: 9, 4: "fumibox1x", 5: "0", 6: 1}, "MALFORMED", "after"),        # str for u64
                ({0: 9, 4: "fumibox1x", 5: -1, 6: 1}, "MALFORMED", "after"),         # signed
                ({0: 9, 4: "fumibox1x", 5: None, 6: 1}, "MALFORMED", "after"),       # nil
                ({0: 9, 4: "fumibox1x", 5: 0, 6: 257}, "MALFORMED", "limit"),        # beyond its bound
                ({0: 9, 4: "a\nb", 5: 0, 6: 1}, "MALFORMED", "mailbox"),             # a control character
                ({0: 9, **box, 7: 1}, "MALFORMED", "7"),                             # an unknown key below 32
                ({0: 9, **box, 31: 1}, "MALFORMED", "31"),
                ({0: 9, **box, 32: _nest(9)}, "MALFORMED", "32"),                    # nested too deep
                ({0: 9, **box, 32: _nest(8)}, "NOT_YOURS", "mailbox"),               # not too deep: skipped
                ({0: 9, **box, 40: {1: [1.5, -7, None, b"x"]}}, "NOT_YOURS", "mailbox"),
                ({0: 14, 4: "a.b", 5: bytes(15)}, "MALFORMED", "nonce"),             # another size
                ({0: 2, 4: "a.b", 5: bytes(64), 6: []}, "MALFORMED", "letters"),     # none where one must be
                ({0: 2, 4: "a.b", 5: bytes(64), 6: [{1: b"x", 3: 1}]}, "MALFORMED", "letters[0].3"),
                ({0: 2, 4: "a.b", 5: bytes(64), 6: [{1: b"x"}, {2: b"x"}]}, "MALFORMED", "letters[1].header"),
                ({0: 2, 4: "a.b", 5: bytes(64), 6: [{1: b"x"}]}, "UNKNOWN_SENDER", "sender"),
                ({0: 1, 40: bytes(100)}, "TOO_LARGE", None),                         # info has at most 64 bytes
                ({0: 9, **box, 40: bytes(256)}, "TOO_LARGE", None)]):
            head = {0: body.pop(0), 1: 1000 + number}
            _raw(c, canon.pack(head | body), 1000 + number, name, where)
        good = canon.pack({0: 9, 1: 5, **box})
        for data, name in ((good + b"\0", "MALFORMED"), (good[:-1], "MALFORMED"),
                           (good.replace(b"\x05\0\x06\x01", b"\x05\xcc\0\x06\x01"), "MALFORMED"),
                           (good.replace(b"\x05\0\x06\x01", b"\x06\x01\x05\0"), "MALFORMED"),
                           (good.replace(b"\xa9fumi", b"\xd9\x09fumi"), "MALFORMED"),
                           (good.replace(b"\xa9fumi", b"\xa9\xff\xffmi"), "MALFORMED")):
            _raw(c, data, 5, name)
        check(c.ask("info")["protocol"] == 1, "and the connection goes on")


def _nest(deep):
    value = 1
    for _ in range(deep):
        value = [value]
    return value


def messages_without_a_head_are_dropped():
    with stage() as s:
        c = s.anyone
        for data in (b"", b"\xc1", b"nonsense", canon.pack([1, 2]), canon.pack({}), canon.pack({0: 1}),
                     canon.pack({1: 1, 0: 1}), canon.pack({0: "info", 1: 1}), canon.pack({0: 1, 1: 1, 2: 0}),
                     canon.pack({0: 1, 1: 1, 3: "x"}), b"\x82\0\x01\x01", b"\x82\0\xcc\x01\x01\x07",
                     canon.pack({0: 1, 1: 1} | {k: 1 for k in range(40, 103)})):
            c.send_bytes(data)
        c.socket.send_multipart([b"", canon.pack({0: 1, 1: 77})])
        for number in (500, 501):       # were one of those answered, it would stand before these
            c.send_bytes(canon.pack({0: 1, 1: number}))
            check(c.receive(wire.ANSWER_MOST)["number"] == number, "an answer to what has no head")


def a_message_beyond_the_frame_ends_the_connection_and_no_other():
    with stage() as s:
        stranger = wire.Connection(s.trust)
        check(stranger.ask("info")["code"] == 0, "connected")
        stranger.send_bytes(canon.pack({0: 2, 1: 9, 40: bytes(spec.LIMITS["frame_most"])}))
        check(s.anyone.ask("info")["code"] == 0, "others go on")
        stranger.number = 100
        check(stranger.ask("info", patience=1, tries=20)["number"] == 101, "and so does the stranger, connected anew")
        check(9 not in stranger.early, "an oversized message was answered")


# ---- strangers (P4.3, P4.9 to P4.12, P4.14) ----
def a_stranger_reads_nothing_and_acknowledges_nothing():
    with stage() as s:
        reader, author, other = s.holder(), s.sender(), s.holder()
        one = s.letter(author, reader)
        _submit(author, one)
        listed = reader.list()["letters"]
        for thief in (s.anyone, other.wire, author.wire):
            for verb, fields in (("list", {"after": 0, "limit": 1}), ("watch", {"after": 0, "seconds": 0}),
                                 ("fetch", {"seq": 1, "offset": 0, "limit": 1})):
                refused("NOT_YOURS", thief.ask, verb, mailbox=reader.mailbox, where="mailbox", **fields)
        for thief in (s.anyone, reader.wire):
            refused("NOT_YOURS", thief.ask, "status", sender=author.name, nonce=one.fields["nonce"], where="sender")
        forged = other.acknowledgement(listed)
        refused("BAD_SIGNATURE", s.anyone.ask, "ack", where="signature", **forged | {"mailbox": reader.mailbox})
        answer = other.wire.ask("ack", **forged)        # his own box has no such letter
        _filed(answer["letters"][0], "NO_SUCH_LETTER")
        refused("UNKNOWN_MAILBOX", s.anyone.ask, "ack", where="mailbox", **forged | {"mailbox": "fumibox1x"})
        check("handed" not in reader.list()["letters"][0], "nothing is acknowledged")
        check(author.handover_receipt(one) is None, "nor does the sender think so")
        check(s.anyone.ask("ack", **reader.acknowledgement(listed))["letters"][0]["code"] == 0, "anyone may carry it")


def a_stranger_sends_no_piece_of_a_body():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        other = s.sender("org.example-other")
        one = s.letter(author, reader, parts=[("a/b", "x", bytes(100000))])
        _filed(_submit(author, one, inline=False)[0], "BODY_WANTED")
        piece = {"letter": one.id, "offset": 0, "bytes": one.body[:65536]}
        for thief in (s.anyone, other.wire):
            refused("NOT_YOURS", thief.ask, "chunk", where="letter", **piece)
        refused("NO_SUCH_LETTER", author.wire.ask, "chunk", where="letter", **piece | {"letter": bytes(32)})
        wrong = one.body[:65536], bytes(len(one.body) - 65536)
        for at, data in zip((0, 65536), wrong):
            try:
                author.wire.ask("chunk", letter=one.id, offset=at, bytes=data)
            except wire.Code as e:
                check(at and e.name == "DIGEST_MISMATCH" and e.answer["offset"] == 0, e)
        refused("TOO_LARGE", author.wire.ask, "chunk", where="bytes", letter=one.id, offset=0,
                bytes=bytes(len(one.body) // 65536 * 65536 + 65536))
        check(reader.list()["count"] == 0, "nothing is filed")
        check(author.chunks(one)["code"] == 0, "and the sender begins again")


def a_fetch_names_what_is_there():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        now = letters.now_ms()
        later = s.letter(author, reader, not_before=now + HOUR)
        _submit(author, later, s.letter(author, reader))
        refused("NO_SUCH_LETTER", reader.wire.ask, "fetch", where="seq", mailbox=reader.mailbox, seq=3, offset=0, limit=1)
        refused("NOT_YET", reader.wire.ask, "fetch", where="seq", mailbox=reader.mailbox, seq=1, offset=0, limit=1)
        _filed(reader.ack(reader.list()["letters"][:1])[0], "NOT_YET")
        refused("MALFORMED", reader.wire.ask, "fetch", where="offset", mailbox=reader.mailbox, seq=2, offset=9999, limit=1)
        head = reader.wire.ask("fetch", mailbox=reader.mailbox, seq=2, offset=0, limit=0)
        check("header" in head and "envelope" in head and not head.get("body"), "with limit 0 what proves it, no body")
        check(reader.fetch(2, piece=50)[2] == reader.fetch(2)[2], "in pieces as whole")


# ---- submissions (P4.2) ----
def the_same_submission_again_is_the_same_letter():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        batch = [s.letter(author, reader, f"{i}") for i in range(3)]
        data = canon.request(spec.VERBS["submit"], 4711, author.submission(batch))
        answers = []
        for carrier in (author.wire, author.wire, s.anyone):
            carrier.send_bytes(data)
            answers.append(carrier.receive(wire.ANSWER_MOST))
        first = [f | {"checkpoint": answers[0]["checkpoint"], "duplicate": True} for f in answers[0]["letters"]]
        check(answers[1]["letters"] == first and answers[2] == answers[1], "the facts of then", answers)
        check("checkpoint" not in answers[1], "nothing was newly filed")
        check(reader.list()["count"] == 3, "and no letter twice")
        proofs = [author.receipt(one, f) for one, f in zip(batch, first)]
        mixed = author.submit([s.letter(author, reader, "new"), batch[1]])
        check([f.get("duplicate", False) for f in mixed] == [False, True], "in another batch too")
        check(author.receipt(batch[1], mixed[1]) == proofs[1], "the same bytes as receipt")


def a_nonce_is_for_one_letter():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        one = s.letter(author, reader)
        other = s.letter(author, reader, nonce=one.fields["nonce"])
        _submit(author, one)
        _filed(_submit(author, other)[0], "NONCE_CONFLICT", "nonce")
        check(reader.list()["count"] == 1, "the first stays")
        bad = s.letter(author, reader, assurance=3)
        _filed(_submit(author, bad)[0], "ASSURANCE_TOO_LOW", "assurance")
        good = s.letter(author, reader, nonce=bad.fields["nonce"])
        check(_submit(author, good)[0]["code"] == 0, "a refused letter leaves nothing behind, not even its nonce")


def each_reason_against_a_letter_has_its_code():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        now = letters.now_ms()
        statement = statements.read_address(reader.statements[1][-1])

        def lie(kind="certificate", body=None, **fields):
            one = author.letter(statement, "certificate", "t", [])
            fields = {"class": statements.CLASSES[kind]} | fields
            made = letters.address_body(author.name, statement, "certificate", one.body, **fields)
            return made._replace(body=body or made.body)
        for one, name, where in ((lie(suite=2), "UNKNOWN_SUITE", "suite"), (lie(version=0), "MALFORMED", "version"),
                                 (lie(**{"from": "org.example-other"}), "MALFORMED", "from"),
                                 (lie(to="fumi1x"), "NO_SUCH_ADDRESS", "to"),
                                 (lie(to=s.holder().address(2)), "NO_SUCH_ADDRESS", "to"),
                                 (lie(grade=0), "MALFORMED", "grade"), (lie(**{"class": 0}), "MALFORMED", "class"),
                                 (lie(**{"class": 8}), "MALFORMED", "class"), (lie(size=0), "MALFORMED", "size"),
                                 (lie(not_before=now, expires=now), "MALFORMED", "not_before"),
                                 (lie(size=5), "DIGEST_MISMATCH", "size"), (lie(digest=bytes(32)), "DIGEST_MISMATCH", "digest"),
                                 (lie("record"), "CLASS_NOT_GRANTED", "class"),
                                 (lie(statement=bytes(32)), "STATEMENT_SUPERSEDED", "statement"),
                                 (lie(assurance=3), "ASSURANCE_TOO_LOW", "assurance"),
                                 (lie(created=now - 8 * 24 * HOUR), "CLOCK_WINDOW", "created"),
                                 (lie(created=now + 8 * 24 * HOUR), "CLOCK_WINDOW", "created"),
                                 (lie(expires=now - 1), "LETTER_EXPIRED", "expires")):
            _filed(_submit(author, one)[0], name, where)
        one = lie()
        odd = one._replace(header=one.header + b"\0", id=letters.letter_id(one.header + b"\0"))
        _filed(_submit(author, odd)[0], "MALFORMED")
        forged = author.submission([one]) | {"signature": bytes(64)}
        refused("BAD_SIGNATURE", s.anyone.ask, "submit", where="signature", **forged)
        refused("UNKNOWN_SENDER", s.anyone.ask, "submit", where="sender", **forged | {"sender": "org.nobody"})
        large = [lie(body=bytes(600000)), lie(body=bytes(600000))]
        refused("TOO_LARGE", author.submit, large, where="letters")
        check(reader.list()["count"] == 0, "nothing is filed")
        check([f["code"] for f in _submit(author, lie(suite=2), one)] == [spec.CODES["UNKNOWN_SUITE"], 0],
              "one letter does not hold up another")


def a_box_has_an_end():
    with stage(box_bytes="1M") as s:
        reader, author = s.holder(), s.sender()
        check(_submit(author, s.letter(author, reader, parts=[("a/b", "x", bytes(600000))]))[0]["code"] == 0, "room for one")
        _filed(_submit(author, s.letter(author, reader, parts=[("a/b", "x", bytes(600000))]))[0], "BOX_FULL", "size")
        check(reader.list()["count"] == 1, "the first stays")


# ---- statements (P4.4 to P4.8) ----
def a_superseded_statement_comes_back_as_the_newer_one():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        old = s.letter(author, reader)
        reader.publish(1, reader.address_statement(1, [(SENDER, ["certificate"])]))
        record = _submit(author, old)[0]
        _filed(record, "STATEMENT_SUPERSEDED", "statement")
        check(record["statement"] == reader.statements[1][-1], "the one in force")
        again = author.letter(statements.read_address(record["statement"]), "certificate", "again", [])
        check(_submit(author, again)[0]["code"] == 0, "is good for a new letter")
        check(reader.read(reader.list()["letters"][0])[0]["title"] == "again", "which opens under its key")
        refused("EPOCH_CONFLICT", reader.publish, 1, reader.statements[1][0], where="statement")
        author.lookup(reader.address(1), "certificate")
        author.seen[reader.address(1)] = 3
        try:
            author.lookup(reader.address(1), "certificate")
            check(False, "a statement below one seen before is used")
        except letters.Refused as e:
            check(e.code == "EPOCH_CONFLICT", e)


def a_statement_out_of_its_time_takes_no_letters():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        now = letters.now_ms()
        over = reader.address_statement(1, [(SENDER, ["certificate"])], begin=now - 2 * HOUR, end=now - HOUR)
        refused("STATEMENT_EXPIRED", reader.publish, 1, over, where="statement")
        soon = reader.address_statement(1, [(SENDER, ["certificate"])], begin=now + HOUR)
        reader.publish(1, soon)
        _filed(_submit(author, s.letter(author, reader))[0], "STATEMENT_EXPIRED", "to")
        short = reader.address_statement(1, [(SENDER, ["certificate"])], end=letters.now_ms() + 4000)
        reader.publish(1, short)
        one = s.letter(author, reader)
        time.sleep(max(0, statements.read_address(short)["valid"][1] - letters.now_ms()) / 1000)
        _filed(_submit(author, one)[0], "STATEMENT_EXPIRED", "to")
        check(s.anyone.ask("lookup", address=reader.address(1))["statement"] == short, "lookup gives it, valid or not")
        late = s.letter(author, reader)
        reader.publish(1, reader.address_statement(1, [], closed=now))
        _filed(_submit(author, late)[0], "ADDRESS_CLOSED", "to")
        check(reader.list()["count"] == 0, "nothing is filed")


def consent_is_by_sender_and_class():
    with stage() as s:
        reader = s.holder(accepts=[(SENDER, ["notice"])])
        author, other = s.sender(), s.sender("org.example-other")
        _filed(_submit(author, s.letter(author, reader))[0], "NOT_ACCEPTED", "to")
        _filed(_submit(other, s.letter(other, reader))[0], "NOT_ACCEPTED", "to")


def a_publication_has_two_signatures():
    with stage() as s:
        reader, other = s.holder(), s.holder()
        mine = reader.address_statement(2, [(SENDER, ["notice"])])
        bound = keys.sign(reader.sign_seed, b"fumibako bind v1\n" + reader.mailbox.encode() + b"\n"
                          + statements.hash_of(mine))
        asked = {"statement": mine, "mailbox": reader.mailbox, "signature": bound}
        body, line = mine.rsplit("\n\n", 1)
        for change, name, where in (({"signature": bytes(64)}, "BAD_SIGNATURE", "signature"),
                                    ({"mailbox": other.mailbox}, "BAD_SIGNATURE", "signature"),
                                    ({"mailbox": "fumibox1x"}, "UNKNOWN_MAILBOX", "mailbox"),
                                    ({"statement": body + "\nmore x\n\n" + line}, "BAD_STATEMENT", "statement"),
                                    ({"statement": mine.replace("epoch 1", "epoch 01")}, "BAD_STATEMENT", "statement"),
                                    ({"statement": mine.replace("notice", "record")}, "BAD_SIGNATURE", "statement"),
                                    ({"statement": mine.replace(reader.address(2), other.address(2))}, "KEY_MISMATCH",
                                     "statement"),
                                    ({"statement": "x"}, "BAD_STATEMENT", "statement")):
            refused(name, s.anyone.ask, "publish", where=where, **asked | change)
        for early in ("valid 1969-12-31T23:59:59Z", "seal x", "number 1"):
            text = statements.write_address(reader.address_seed(2), 1, [AGE], [], 0, letters.now_ms() + HOUR)
            old = "valid 1970-01-01T00:00:00Z" if early.startswith("valid") else f"seal {AGE}"
            wrong = notes.sign(text.rsplit("\n\n", 1)[0].replace(old, early) + "\n", reader.address(2),
                               reader.address_seed(2))
            refused("BAD_STATEMENT", reader.publish, 2, wrong, where="statement")
        refused("NO_SUCH_ADDRESS", s.anyone.ask, "lookup", address=reader.address(2), where="address")
        s.anyone.ask("publish", **asked)
        stolen = keys.sign(other.sign_seed, b"fumibako bind v1\n" + other.mailbox.encode() + b"\n"
                           + statements.hash_of(mine))
        refused("NOT_YOURS", s.anyone.ask, "publish", where="mailbox", statement=mine, mailbox=other.mailbox,
                signature=stolen)
        reader.statements[2] = [mine]
        refused("EPOCH_CONFLICT", reader.publish, 2, statements.write_address(
            reader.address_seed(2), 3, [], [], 0, letters.now_ms() + HOUR, bytes(32), 1000), where="statement")


def a_mailbox_needs_a_registrar_and_keeps_its_devices():
    with stage() as s:
        new = holder.Holder(s.trust, bytes(range(32)))
        fake = holder.Registrar(key_file("registrar", "registrar.example"))
        other = s.holder()
        refused("ENROLMENT_REQUIRED", new.register, where="enrolment")
        refused("UNKNOWN_REGISTRAR", new.register, fake.enrol(new.key, 3), where="enrolment")
        refused("KEY_MISMATCH", new.register, s.registrar.enrol(other.key, 3), where="enrolment")
        now = letters.now_ms()
        refused("STATEMENT_EXPIRED", new.register, s.registrar.enrol(new.key, 3, now - 2 * HOUR, now - HOUR),
                where="enrolment")
        enrolment = s.registrar.enrol(new.key, 1)
        refused("BAD_SIGNATURE", new.register, enrolment.replace("level 1", "level 3"), where="enrolment")
        refused("BAD_STATEMENT", new.register, "level 3", where="enrolment")
        refused("NOT_YOURS", new.register, enrolment, where="statement", statement=new.mailbox_statement(
            devices=[(keys.x25519(other.transport), "mine")]))
        refused("NOT_YOURS", new.list, where="mailbox")
        first = new.mailbox_statement()
        check(new.register(enrolment, first) == 1, "enrolled")
        check(new.register(enrolment, first) == 1, "and again: nothing changes")
        check(new.list()["count"] == 0, "its device reads")
        refused("EPOCH_CONFLICT", new.register, statement=new.mailbox_statement(3, statements.hash_of(first)),
                where="statement")
        lost = new.mailbox_statement(2, statements.hash_of(first), [(keys.x25519(bytes(32)), "next")])
        new.register(statement=lost)
        refused("NOT_YOURS", new.list, where="mailbox")


def a_sender_is_who_a_registrar_says():
    with stage() as s:
        one = sender.Sender(s.trust, key_file("sender", SENDER))
        enlist = lambda note: s.anyone.ask("enlist", statement=note)     # noqa: E731
        refused("UNKNOWN_SENDER", s.anyone.ask, "sender", name=SENDER, where="name")
        fake = holder.Registrar(key_file("registrar", "registrar.example"))
        key, transport = keys.public(one.sign_seed), keys.x25519(one.transport)
        refused("UNKNOWN_REGISTRAR", enlist, fake.register_sender(SENDER, key, transport, ["notice"]), where="statement")
        first = s.registration(one)
        refused("BAD_SIGNATURE", enlist, first.replace("certificate,notice", "certificate"), where="statement")
        refused("BAD_STATEMENT", enlist, "fumibako sender v1\n", where="statement")
        refused("STATEMENT_EXPIRED", enlist, s.registration(one, end=letters.now_ms() - HOUR), where="statement")
        enlist(first)
        enlist(first)
        hashed = statements.hash_of(first)
        refused("EPOCH_CONFLICT", enlist, s.registration(one, epoch=3, previous=hashed), where="statement")
        refused("EPOCH_CONFLICT", enlist, s.registration(one, epoch=2, previous=bytes(32)), where="statement")
        twin = sender.Sender(s.trust, key_file("sender", "org.example-twin"))
        twin.transport = one.transport
        refused("NOT_YOURS", enlist, s.registration(twin), where="statement")
        reader = s.holder()
        enlist(s.registration(one, granted=["notice"], epoch=2, previous=hashed))
        _filed(_submit(one, s.letter(one, reader))[0], "CLASS_NOT_GRANTED", "class")


def tiles_are_as_wide_as_the_tree():
    with stage() as s:
        s.holder()
        for level, index, width, where in ((0, 0, 0, "width"), (0, 0, 3, "width"), (0, 1, 1, "width"), (1, 0, 1, "width")):
            refused("MALFORMED", s.anyone.ask, "tile", where=where, level=level, index=index, width=width)
        check(len(s.anyone.ask("tile", level=0, index=0, width=2)["hashes"]) == 2, "mailbox and address statement")
        check(len(s.anyone.ask("tile", level=0, index=0, width=1)["hashes"]) == 1, "and fewer of them")


if __name__ == "__main__":
    sys.exit(play(globals()))
