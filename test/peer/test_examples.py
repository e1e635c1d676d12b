#!/usr/bin/python3
"""The worked examples of PROTOCOL.md P8, by this client; and what it refuses. No broker is needed."""
import re
import sys
import unittest

from fumipeer import agefile, bech32, canon, holder, keys, letters, notes, receipts, spec, statements, tree, trust

NOW = 1795392000000                     # `created` of P8.4
HEX = re.compile(r"(?:[0-9a-f]{2})+")


def examples():
    """Values by name, notes by name, as they stand in P8."""
    values, written = {}, {}
    text = spec.TEXT.split("\n## P8 ")[1]
    for kind, name, body in re.findall(r"^  ```(values|note) ?(\w*)\n(.*?)^  ```$", text, re.S | re.M):
        body = re.sub(r"^  ", "", body, flags=re.M)
        if kind == "note":
            written[name] = body
        else:
            for line in re.sub(r"\n +", "", body).splitlines():
                key, value = line.split(" = ", 1)
                values[key] = value
    return values, written


V, N = examples()
HOLDER, SENDER, BROKER = (bytes.fromhex(V[k + "_seed"]) for k in ("holder", "sender", "broker"))
MAILBOX, ADDRESS = keys.derive(HOLDER, "mailbox sign"), keys.derive(HOLDER, "address 1 sign")
LOG = (V["broker"] + "/log/0", keys.public(keys.derive(BROKER, "log 0 sign")))


def values(name):
    return bytes.fromhex(V[name])


def trust_text():
    attest = notes.vkey(V["broker"], keys.public(keys.derive(BROKER, "broker sign")))
    return (f"fumibako trust v1\n# a comment\nbroker {V['broker']} tcp://127.0.0.1:7733 {V['transport']}  # another\n"
            f"attest {attest}\nlog {notes.vkey(*LOG)}\n")


def header(nonce):
    sealed = V["sealed_text"].encode()
    return canon.record("header", {
        "version": 1, "suite": 1, "from": V["sender"], "to": V["address"], "class": 1, "created": int(V["created"]),
        "assurance": 0, "grade": 1, "nonce": values(nonce), "digest": keys.sha256(sealed), "size": len(sealed),
        "statement": values("statement_hash")})


class Examples(unittest.TestCase):
    def test_keys_and_names_come_from_the_seeds(self):
        seal = keys.derive(HOLDER, "address 1 seal", 1)
        self.assertEqual(MAILBOX, values("mailbox_secret"))
        self.assertEqual(keys.public(MAILBOX), values("mailbox_key"))
        self.assertEqual(keys.name_of("fumibox", keys.public(MAILBOX)), V["mailbox"])
        self.assertEqual(keys.public(ADDRESS), values("address_key"))
        self.assertEqual(keys.name_of("fumi", keys.public(ADDRESS)), V["address"])
        self.assertEqual(seal, values("seal_secret"))
        self.assertEqual(agefile.recipient(seal), V["seal"])
        self.assertEqual(keys.b64(keys.x25519(keys.derive(HOLDER, "transport " + V["device_name"]))), V["device"])
        self.assertEqual(keys.public(keys.derive(SENDER, "sender sign")), values("sender_key"))
        self.assertEqual(notes.vkey(*LOG), V["log_vkey"])
        self.assertEqual(notes.vkey(V["broker"], keys.public(keys.derive(BROKER, "broker sign"))), V["attest_vkey"])
        self.assertEqual(keys.b64(keys.x25519(keys.derive(BROKER, "broker transport"))), V["transport"])

    def test_messages_are_these_bytes(self):
        self.assertEqual(canon.request(1, 7, {}), values("info_request"))
        self.assertEqual(canon.request(9, 300, {"mailbox": V["mailbox"], "after": 0, "limit": 100}),
                         values("list_request"))
        self.assertEqual(canon.read_answer(values("refusal")),
                         {"verb": 2, "number": 8, "code": spec.CODES["UNKNOWN_SENDER"], "where": "sender"})
        self.assertEqual(canon.read_answer(values("watch_answer")),
                         {"verb": 12, "number": 70000, "code": 0, "count": 5})

    def test_the_address_statement_is_this_note(self):
        note = statements.write_address(ADDRESS, 1, [V["seal"]], [(V["sender"], ["certificate", "notice"])],
                                        statements.read_instant("2026-11-23T00:00:00Z"),
                                        statements.read_instant("2027-11-23T00:00:00Z"))
        self.assertEqual(note, N["address_statement"])
        found = statements.read_address(note)
        self.assertEqual(found["hash"], values("statement_hash"))
        self.assertIsNone(statements.usable(found, V["sender"], "notice", NOW))
        self.assertEqual(statements.usable(found, V["sender"], "record", NOW), "NOT_ACCEPTED")
        self.assertEqual(statements.usable(found, V["sender"], "notice", found["valid"][1]), "STATEMENT_EXPIRED")
        bound = b"fumibako bind v1\n" + V["mailbox"].encode() + b"\n" + found["hash"]
        self.assertEqual(keys.sign(MAILBOX, bound), values("bind_signature"))

    def test_the_header_and_its_id_are_these_bytes(self):
        self.assertEqual(header("nonce"), values("header"))
        self.assertEqual(letters.letter_id(values("header")), values("letter_id"))

    def test_the_batch_has_this_root_these_paths_and_this_signature(self):
        ids = [letters.letter_id(header(n)) for n in ("nonce", "nonce_b", "nonce_c")]
        self.assertEqual(ids[1:], [values("letter_id_b"), values("letter_id_c")])
        leaves = [tree.leaf_hash(i) for i in ids]
        self.assertEqual(tree.root(leaves), values("batch_root"))
        for index, name in (0, "path_a"), (2, "path_c"):
            path = tree.path(tree.Leaves(leaves), index)
            self.assertEqual(b"".join(path), values(name))
            self.assertEqual(tree.root_by_path(leaves[index], index, 3, path), values("batch_root"))
        self.assertEqual(letters.batch_message(V["sender"], ids), values("batch_message"))
        self.assertEqual(letters.sign_batch(V["sender"], keys.derive(SENDER, "sender sign"), ids),
                         values("batch_signature"))

    def test_the_event_its_leaf_and_the_receipt_are_these_bytes(self):
        fields = canon.read_record("header", values("header")) | {"id": values("letter_id")}
        event = receipts.filing_event(fields, int(V["filed"]), V["broker"])
        self.assertEqual(event, values("event"))
        self.assertEqual(receipts.commitment(values("salt"), event), values("commitment"))
        leaf = receipts.leaf(values("salt"), event)
        self.assertEqual(leaf, values("leaf"))
        self.assertEqual(receipts.next_head(bytes(32), leaf), values("head"))
        root = tree.root([values("leaf_before"), leaf])
        checkpoint = notes.sign(f"{LOG[0]}\n2\n{keys.b64(root)}\n", LOG[0], keys.derive(BROKER, "log 0 sign"))
        self.assertEqual(checkpoint, N["checkpoint"])
        receipt = receipts.build(values("salt"), event, 1, [values("leaf_before")], checkpoint)
        self.assertEqual(receipt, N["receipt"])

    def test_the_acknowledgement_is_this_request(self):
        time, ident = int(V["ack_time"]), values("letter_id")
        signed = b"fumibako ack v1\n" + V["mailbox"].encode() + b"\n%d\n" % time + ident
        self.assertEqual(keys.sign(MAILBOX, signed), values("ack_signature"))
        self.assertEqual(canon.request(11, 9, {"mailbox": V["mailbox"], "seqs": [1], "letters": [ident], "time": time,
                                               "signature": values("ack_signature")}), values("ack_request"))

    def test_lengths_are_padded_so(self):
        for pair in V["padded"].split():
            length, padded = map(int, pair.split(">"))
            self.assertEqual(letters.padded(length), padded, length)


class Refusals(unittest.TestCase):
    def test_no_other_spelling_of_a_message_is_read(self):
        good = values("watch_answer")
        for bad, why in ((good + b"\0", "bytes behind"), (good[:-1], "cut"),
                         (b"\x84\0\xcc\x0c" + good[3:], "a longer integer"),
                         (b"\xde\0\x04" + good[1:], "a longer count"),
                         (b"\x84\x01\x01\0\x0c\x02\0\x04\x05", "keys that fall"),
                         (b"\x85" + good[1:] + b"\x05\0", "an unknown key"),
                         (b"\x85" + good[1:] + b"\x20" + b"\x91" * 9 + b"\0", "a nest too deep"),
                         (b"\x84\0\x0c\x01\x01\x02\0\x04\xa1a", "another type")):
            with self.assertRaises(canon.Malformed, msg=why):
                canon.read_answer(bad)
        later = b"\x85" + good[1:] + b"\x20" + b"\x91" * 8 + b"\xc0"
        self.assertEqual(canon.read_answer(later)["count"], 5)

    def test_every_changed_byte_of_a_receipt_is_seen(self):
        known = trust.Trust(trust_text())
        good = N["receipt"].encode()
        self.assertEqual(receipts.verify(N["receipt"], known)[0], "OK")
        for at in range(len(good)):
            changed = good[:at] + bytes([good[at] ^ 1]) + good[at + 1:]
            try:
                verdict = receipts.verify(changed.decode(), known)[0]
            except UnicodeDecodeError:
                continue
            self.assertNotEqual(verdict, "OK", at)

    def test_a_receipt_of_an_unknown_log_is_incomplete(self):
        text = trust_text().replace(notes.vkey(*LOG), notes.vkey("other.example/log/0", LOG[1]))
        self.assertEqual(receipts.verify(N["receipt"], trust.Trust(text))[0], "INCOMPLETE")
        wrong = N["receipt"].replace("index 1", "index 0")
        self.assertEqual(receipts.verify(wrong, trust.Trust(text))[0], "FAIL")

    def test_a_slip_in_an_address_is_seen(self):
        self.assertEqual(len(bech32.decode("fumi", V["address"])), 21)
        for bad in (V["address"][:-1] + "q", V["address"].upper(), V["mailbox"]):
            with self.assertRaises(ValueError):
                bech32.decode("fumi", bad)


def letter(parts=(("text/plain", "a b.txt", b"hello"),)):
    """A letter to address 1, its envelope and what its reader needs."""
    registrar, sign_seed = "registrar.example", keys.derive(BROKER, "registrar sign")
    known = trust.Trust(trust_text() + f"registrar {notes.vkey(registrar, keys.public(sign_seed))}\n")
    key = keys.derive(SENDER, "sender sign")
    registration = statements.write_sender(
        registrar, sign_seed, V["sender"], "Example Life", ["certificate"], keys.public(key),
        keys.x25519(keys.derive(SENDER, "sender transport")), 1, NOW, NOW + holder.YEAR)
    statement = statements.read_address(N["address_statement"])
    one = letters.compose(V["sender"], key, statement, "certificate", "Your certificate", list(parts))
    others = [bytes([i]) * 32 for i in range(4)]
    leaves = [tree.leaf_hash(i) for i in (*others, one.id)]
    envelope = {"signature": letters.sign_batch(V["sender"], key, [*others, one.id]), "index": 4, "count": 5,
                "path": tree.path(tree.Leaves(leaves), 4), "sender": registration, "time": NOW + 1}
    return one, envelope, known, {V["address"]: [keys.derive(HOLDER, "address 1 seal", 1)]}


class Letters(unittest.TestCase):
    def refused(self, code, *how):
        with self.assertRaises(letters.Refused) as caught:
            letters.read(*how)
        self.assertEqual(caught.exception.code, code)

    def test_a_letter_comes_out_as_it_went_in(self):
        parts = [("text/plain", "a b.txt", b"hello"), ("application/pdf", "x.pdf", bytes(200000))]
        one, envelope, known, ours = letter(parts)
        inside = letters.read(one.header, envelope, one.body, known, ours)
        self.assertEqual((inside["title"], inside["parts"], inside["name"]), ("Your certificate", parts, "Example Life"))

    def test_each_thing_amiss_has_its_own_code(self):
        one, envelope, known, ours = letter()
        other = {V["address"]: [bytes(range(32))]}
        self.refused("NOT_FOR_US", one.header, envelope, one.body, known, other)
        self.refused("WRONG_ADDRESS", one.header, envelope, one.body, known, {"fumi1other": ours[V["address"]]})
        self.refused("SEAL_BROKEN", one.header, envelope, one.body[:-1], known, ours)
        self.refused("BATCH_FORGED", one.header, envelope | {"index": 3}, one.body, known, ours)
        self.refused("BATCH_FORGED", one.header, envelope | {"signature": bytes(64)}, one.body, known, ours)
        self.refused("SENDER_LAPSED", one.header, envelope | {"time": NOW - 1}, one.body, known, ours)
        self.refused("NOT_TRUSTED", one.header, envelope, one.body, trust.Trust(trust_text()), ours)
        self.refused("SENDER_UNPROVEN", one.header, envelope | {"sender": "?"}, one.body, known, ours)
        self.refused("BAD_ENVELOPE", one.header + b"\0", envelope, one.body, known, ours)

    def test_a_note_that_says_something_else_is_refused(self):
        one, envelope, known, ours = letter()
        key = keys.derive(SENDER, "sender sign")
        statement = statements.read_address(N["address_statement"])

        def changed(note, parts, padding=b""):
            plain = letters.content(note, parts) + padding
            forged = letters.address_body(V["sender"], statement, "certificate", agefile.seal(plain, [V["seal"]]))
            proof = envelope | {"index": 0, "count": 1, "path": [],
                                "signature": letters.sign_batch(V["sender"], key, [forged.id])}
            return forged.header, proof, forged.body, known, ours

        def note(address=V["address"], kind="certificate", parts=(), by=key):
            return letters.write_note(V["sender"], by, address, kind, "a.b", "t", "2026-11-23T09:00:00+09:00", parts)

        part = ("text/plain", "n", b"data")
        letters.read(*changed(note(parts=[part]), [part]))
        self.refused("HEADER_DISAGREES", *changed(note(kind="notice"), []))
        self.refused("HEADER_DISAGREES", *changed(note(address=V["mailbox"]), []))
        self.refused("LETTER_FORGED", *changed(note(by=SENDER), []))
        self.refused("PART_DISAGREES", *changed(note(parts=[part]), [("text/plain", "n", b"date")]))
        self.refused("PART_DISAGREES", *changed(note(parts=[part]), []))
        self.refused("BAD_PADDING", *changed(note(), [], b"\0"))


class Trees(unittest.TestCase):
    def test_paths_from_tiles_are_those_from_leaves(self):
        leaves = [tree.leaf_hash(i.to_bytes(4, "big")) for i in range(1000)]

        def ask(level, index, width):
            span = 256 ** level
            return [tree.root(leaves[i * span:(i + 1) * span]) for i in range(256 * index, 256 * index + width)]
        for size in (1, 2, 255, 256, 257, 700, 1000):
            for index in {0, size // 2, size - 1}:
                path = tree.path(tree.Tiles(size, ask), index)
                self.assertEqual(path, tree.path(tree.Leaves(leaves[:size]), index), (size, index))
                self.assertEqual(tree.root_by_path(leaves[index], index, size, path), tree.root(leaves[:size]))


class Files(unittest.TestCase):
    def test_an_age_file_opens_for_each_of_its_recipients_and_nobody_else(self):
        secrets = [bytes([i]) * 32 for i in (1, 2, 3)]
        for size in (0, 1, 65535, 65536, 65537, 131072):
            data = agefile.seal(bytes(size), [agefile.recipient(s) for s in secrets[:2]])
            self.assertEqual(agefile.open(data, secrets[1:2]), bytes(size))
            with self.assertRaises(agefile.NoKey):
                agefile.open(data, secrets[2:])
            for bad in (data[:-1], data + b"\0", data.replace(b"---", b"-->", 1)):
                with self.assertRaises(agefile.Broken):
                    agefile.open(bad, secrets)


if __name__ == "__main__":
    sys.exit(unittest.main())
