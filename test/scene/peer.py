#!/usr/bin/python3
"""peer - the second client, written from the documents alone, meets the broker and the real programs

What one of them seals, signs or proves, the other opens, verifies and believes.
"""
import pathlib
import subprocess
import sys

from peerstage import SENDER, check, citizen, key_file, refused, stage
from world import play
from fumipeer import holder, keys, letters, receipts

BIG = 3 * 1024 * 1024 + 17


def peer_writes_to_peer():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        statement = author.lookup(reader.address(1), "certificate")
        check(statement["level"] == 2 and author.registration()["sender"] == SENDER, "level or registration")
        batch = [author.letter(statement, "certificate", f"Letter {i}", [("text/plain", f"{i} ä.txt", b"x" * i)])
                 for i in range(5)]
        filed = author.submit(batch)
        check([f["code"] for f in filed] == [0] * 5, filed)
        proofs = [author.receipt(one, f) for one, f in zip(batch, filed)]

        box = reader.list()
        check(box["count"] == 5 and [one["seq"] for one in box["letters"]] == [1, 2, 3, 4, 5], box)
        head = bytes(32)
        for i, listed in enumerate(box["letters"]):
            inside, header, envelope = reader.read(listed)
            check(inside["title"] == f"Letter {i}" and inside["parts"] == [("text/plain", f"{i} ä.txt", b"x" * i)], inside)
            check(reader.filing_receipt(header, envelope) == proofs[i], "both build the same receipt")
            s.judge(proofs[i])
            event = receipts.verify(proofs[i], s.trust)[1]
            head = receipts.next_head(head, receipts.leaf(envelope["salt"], receipts.filing_event(
                batch[i].fields | {"id": batch[i].id}, event["time"], s.trust.broker)))
        check(head == box["head"], "the head is the chain over what was fetched (E6.5)")

        check(author.handover_receipt(batch[1]) is None, "nothing is handed over yet")
        acked = reader.ack(box["letters"][:2])
        proof = reader.handover_receipt(box["letters"][1]["header"], acked[1])
        check(author.handover_receipt(batch[1]) == proof, "sender and holder have the same proof of handing over")
        check(author.handover_receipt(batch[2]) is None, "and none of what was not acknowledged")
        s.judge(proof)
        again = reader.ack(box["letters"][:2])
        check([a | {"duplicate": None} for a in again] == [a | {"duplicate": None} for a in acked], "once for ever")
        check(all(a["duplicate"] for a in again), "and said so")


def a_large_body_goes_by_chunks():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        data = bytes(range(256)) * (BIG // 256 + 1)
        one = s.letter(author, reader, parts=[("application/pdf", "big.pdf", data)])
        wanted = author.submit([one], inline=False)[0]
        check(wanted["code"] == 404 and wanted["offset"] == 0, wanted)

        def chunk(offset, size):
            return author.wire.ask("chunk", letter=one.id, offset=offset, bytes=one.body[offset:offset + size])
        check(chunk(0, 65536)["offset"] == 65536, "the first piece")
        check(refused("OUT_OF_ORDER", chunk, 131072, 65536, where="offset")["offset"] == 65536, "a piece left out")
        check(refused("OUT_OF_ORDER", chunk, 0, 65536, where="offset")["offset"] == 65536, "a piece again")
        refused("MALFORMED", chunk, 65537, 65536, where="offset")
        refused("MALFORMED", chunk, 65536, 65535, where="bytes")
        check(author.submit([one], inline=False)[0]["offset"] == 65536, "where to go on")
        status = author.wire.ask("status", sender=author.name, nonce=one.fields["nonce"])
        check(status["letter"] == one.id and status["filed"]["code"] == 404 and status["filed"]["offset"] == 65536, status)
        check(reader.list()["count"] == 0, "nothing is filed before it is whole")

        filed = author.chunks(one, 65536)
        proof = author.receipt(one, filed)
        s.judge(proof)
        inside, _, _ = reader.read(reader.list()["letters"][0])
        check(inside["parts"] == [("application/pdf", "big.pdf", data)], "byte for byte")
        late = chunk(0, 65536)
        check(late["offset"] == len(one.body) and late["letter"]["duplicate"], "a piece after the end")
        check(author.receipt(one, late["letter"]) == proof, "has the receipt of then")


def a_watch_ends_when_a_letter_comes():
    with stage() as s:
        reader, author = s.holder(), s.sender()
        check(reader.watch(0, 0) == 0, "at once, when asked for no time")
        number, _ = reader.wire.send("watch", mailbox=reader.mailbox, after=0, seconds=60)
        author.submit([s.letter(author, reader)])
        check(reader.wire.wait(number)["count"] == 1, "the watch says so")
        check(reader.watch(0, 60) == 1, "at once, when it is there already")


def peer_writes_to_the_mailbox_client():
    with stage() as s:
        address, author = citizen(s), s.sender()
        statement = author.lookup(address, "certificate")
        check(statement["level"] == 3, "the level that the real registrar vouched for")
        parts = [("text/xml", "控除証明書.xml", b"<a/>"), ("application/pdf", "b.pdf", bytes(100000))]
        one = author.letter(statement, "certificate", "生命保険料控除証明書", parts, type_="jp.go.nta.TEG800")
        proof = author.receipt(one, author.submit([one])[0])
        s.box("get", "--all")
        check("生命保険料控除証明書" in s.box("open", "1"), "the title")
        s.box("export", "--all", "exported")
        for _, name, data in parts:
            check((s.folder / "exported" / name).read_bytes() == data, name)
        s.box("ack", "--all")
        s.write("body.age", one.body)
        s.judge(proof, "--letter", "body.age")
        s.judge(author.handover_receipt(one))
        s.judge(proof.replace("\nindex ", "\nindex 1"), code=1)
        check((s.folder / "citizen" / "letters" / f"{one.id.hex()}.age").read_bytes() == one.body, "E7.2")


def the_seed_of_an_identity_file_is_the_mailbox():
    with stage() as s:
        address, author = citizen(s), s.sender()
        seed = holder.read_identity((s.folder / "citizen" / "identity.age").read_bytes(), s.phrase)
        mine = holder.Holder(s.trust, seed, device="main")
        check(mine.address(1) == address, "address 1 comes from the seed")
        author.submit([author.letter(author.lookup(address, "notice"), "notice", "Here too", [])])
        mine.statements[1] = [author.wire.ask("lookup", address=address)["statement"]]
        check(mine.read(mine.list()["letters"][0])[0]["title"] == "Here too", "and so does what opens the letter")


def the_posting_tool_writes_to_peer():
    with stage() as s:
        reader = s.holder()
        s.run("fumibako-post", "init", "insurer", "--name", SENDER, "--trust", s.trust_file)
        s.run("fumibako-admin", "registrar", "sender", "insurer/sender.request", "--registrar", s.registrar_file,
              "--organisation", "エグザンプル生命", "--number", "houjin:9234567890123", "--classes", "certificate,notice",
              "--out", "insurer/statement")
        s.run("fumibako-admin", "enlist", "insurer/statement", "--trust", s.trust_file)
        s.write("letter.txt", "good news\n")
        sent = s.run("fumibako-post", "send", "--profile", "insurer", "--to", reader.address(1), "--class", "notice",
                     "--type", "example.notice", "--title", "お知らせ", "letter.txt", "--json")
        listed = reader.list()["letters"][0]
        inside, header, envelope = reader.read(listed)
        ident = letters.letter_id(header).hex()
        check(ident in sent, "the id that the tool says", sent)
        check((inside["title"], inside["name"]) == ("お知らせ", "エグザンプル生命"), inside)
        check([p[1:] for p in inside["parts"]] == [("letter.txt", b"good news\n")], inside)
        mine = reader.filing_receipt(header, envelope)
        s.run("fumibako-post", "receipt", "--profile", "insurer", ident, "--out", "theirs.tlog-proof")
        check((s.folder / "theirs.tlog-proof").read_text() == mine, "their receipt and ours are the same bytes (E6.4)")
        s.judge(mine)


def a_key_file_of_the_tool_is_a_key_file_here():
    with stage() as s:
        s.run("fumibako-post", "init", "insurer", "--name", SENDER, "--trust", s.trust_file)
        request = (s.folder / "insurer" / "sender.request").read_text()
        kind = [p for p in (s.folder / "insurer").iterdir() if p.read_bytes().startswith(b"fumibako sender key v1\n")]
        check(len(kind) == 1, "a key file by E7.4")
        _, name, seed = keys.key_file(kind[0].read_text())
        want = (f"fumibako sender request v1\nsender {name}\nkey {keys.b64(keys.public(keys.derive(seed, 'sender sign')))}"
                f"\ntransport {keys.b64(keys.x25519(keys.derive(seed, 'sender transport')))}\n")
        check(request == want, "and the request that E7.5 makes of it", request)


def the_command_speaks_for_both():
    with stage() as s:
        reader, seed = s.holder(), keys.b64(bytes(range(32)))
        mine = holder.Holder(s.trust, bytes(range(32)))
        mine.register(s.registrar.enrol(mine.key, 1))
        mine.publish(1, mine.address_statement(1, [(SENDER, ["notice"])]))
        text = key_file("sender", SENDER)
        author = s.sender(key_text=text)
        s.write("key", text), s.write("seed", seed + "\n"), s.write("note.txt", "hello")

        def peer(*args, code=0):
            command = pathlib.Path(__file__).parents[1] / "peer" / "peer.py"
            p = subprocess.run([sys.executable, "-B", command, *args], capture_output=True, text=True, cwd=s.folder)
            check(p.returncode == code, args, p.returncode, p.stdout, p.stderr)
            return p.stdout
        check("post.example/log/0" in peer("info", "trust"), "info")
        check("level 1" in peer("lookup", "trust", mine.address(1)), "lookup")
        receipt = peer("post", "trust", "key", mine.address(1), "notice", "By hand", "note.txt")
        s.judge(receipt)
        s.write("r.tlog-proof", receipt)
        check(peer("verify", "trust", "r.tlog-proof").startswith("OK"), "verify")
        check("By hand\t['note.txt']" in peer("read", "trust", "seed", "peer", "1"), "read")
        peer("post", "trust", "key", reader.address(1), "record", "Not wanted", "note.txt", code=1)
        check(author.name == SENDER and reader.list()["count"] == 0, "what is not accepted is not sent")


if __name__ == "__main__":
    sys.exit(play(globals()))
