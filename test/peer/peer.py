#!/usr/bin/python3
"""peer - the second client as a command, to look at a broker and at what it gives out

    peer.py info TRUST                      who the broker says it is; its checkpoint, verified
    peer.py lookup TRUST ADDRESS            the statement in force, with the attested level
    peer.py verify TRUST RECEIPT            OK, FAIL or INCOMPLETE; offline
    peer.py post TRUST KEYFILE ADDRESS CLASS TITLE FILE...
                                            one letter as the sender of this key file; prints its receipt
    peer.py read TRUST SEEDFILE DEVICE ADDRESSES
                                            what is in the mailbox of this seed (32 bytes in base64), which has
                                            that many addresses of one epoch each; nothing is acknowledged
"""
import pathlib
import sys

from fumipeer import holder, keys, letters, receipts, sender, statements, trust, wire


def info(known):
    answer = wire.Connection(known).ask("info")
    origin, size, root = receipts.read_checkpoint(answer["checkpoint"], known.logs)
    if (answer["broker"], origin) != (known.broker, known.origin):
        raise sender.Untrue("another broker than the trust file's")
    print(f"{answer['broker']} protocol {answer['protocol']}\n{origin} {size} leaves, root {keys.b64(root)}")


def lookup(known, address):
    answer = wire.Connection(known).ask("lookup", address=address)
    attestation = statements.read_attestation(answer["attestation"], known.attest)
    if attestation["statement"] != statements.read_address(answer["statement"])["hash"]:
        raise sender.Untrue("the attestation is of another statement")
    print(f"{answer['statement']}\nlevel {attestation['level']}")


def verify(known, path):
    verdict, what = receipts.verify(pathlib.Path(path).read_text(encoding="utf-8"), known)
    print(verdict, what)
    return {"OK": 0, "FAIL": 1, "INCOMPLETE": 3}[verdict]


def post(known, key_path, address, kind, title, *files):
    author = sender.Sender(known, pathlib.Path(key_path).read_text(encoding="utf-8"))
    parts = [("application/octet-stream", pathlib.Path(f).name, pathlib.Path(f).read_bytes()) for f in files]
    letter = author.letter(author.lookup(address, kind), kind, title, parts)
    filed = author.submit([letter], inline=len(letter.body) <= 1 << 20)[0]
    if filed["code"] == 404:
        filed = author.chunks(letter, filed["offset"])
    if filed["code"]:
        raise letters.Refused(str(filed["code"]), filed.get("where", ""))
    print(author.receipt(letter, filed), end="")


def read(known, seed_path, device, addresses):
    reader = holder.Holder(known, keys.unb64(pathlib.Path(seed_path).read_text().strip(), 32), device)
    for number in range(1, int(addresses) + 1):
        reader.statements[number] = [reader.wire.ask("lookup", address=reader.address(number))["statement"]]
    for listed in reader.list()["letters"]:
        inside = reader.read(listed)[0]
        print(listed["seq"], inside["name"], inside["title"], [name for _, name, _ in inside["parts"]], sep="\t")


def main(args):
    commands = {f.__name__: f for f in (info, lookup, verify, post, read)}
    if len(args) < 2 or args[0] not in commands:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        return commands[args[0]](trust.read(args[1]), *args[2:]) or 0
    except (ValueError, OSError, TypeError, wire.Code, wire.NoAnswer, letters.Refused, sender.Untrue) as e:
        print(f"peer: {type(e).__name__}: {e}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
