"""A sender: looks an address up, seals, posts, checks the answer, builds receipts."""
from . import canon, keys, letters, receipts, spec, statements, tree, wire


class Untrue(Exception):
    """What the broker says does not hold."""


def tiles(connection, size):
    return tree.Tiles(size, lambda level, index, width: connection.ask("tile", level=level, index=index,
                                                                      width=width)["hashes"])


def prove(connection, trust, event, facts, checkpoint):
    """A receipt for this event from leaf and salt of an answer, proved under the checkpoint (E6.3)."""
    _, size, root = receipts.read_checkpoint(checkpoint, trust.logs)
    path = tree.path(tiles(connection, size), facts["leaf"])
    text = receipts.build(facts["salt"], event, facts["leaf"], path, checkpoint)
    verdict, why = receipts.verify(text, trust)
    if verdict != "OK":
        raise Untrue(f"the receipt does not verify: {why}")
    return text


class Sender:
    def __init__(self, trust, key_text, endpoint=None):
        kind, self.name, seed = keys.key_file(key_text)
        if kind != "sender":
            raise ValueError("not a sender's key file")
        self.trust, self.sign_seed = trust, keys.derive(seed, "sender sign")
        self.transport = keys.derive(seed, "sender transport")
        self.wire = wire.Connection(trust, self.transport, endpoint)
        self.seen = {}                  # address: the highest epoch seen (E5.1)

    def registration(self):
        """Ours, as the broker has it, with the key that we have."""
        found = statements.read_sender(self.wire.ask("sender", name=self.name)["statement"], self.trust.registrars)
        if found["key"] != keys.public(self.sign_seed) or found["transport"] != keys.x25519(self.transport):
            raise Untrue("the registration has other keys than ours")
        return found

    def lookup(self, address, kind):
        """The statement in force, checked (P4.4, E5.1, E5.6), with the attested level."""
        answer = self.wire.ask("lookup", address=address)
        statement = statements.read_address(answer["statement"])
        attestation = statements.read_attestation(answer["attestation"], self.trust.attest)
        if statement["address"] != address or attestation["address"] != address \
                or attestation["statement"] != statement["hash"]:
            raise Untrue("statement and attestation are not of this address")
        refused = statements.usable(statement, self.name, kind, letters.now_ms(), self.seen.get(address, 0))
        if refused:
            raise letters.Refused(refused)
        self.seen[address] = statement["epoch"]
        return statement | {"level": attestation["level"]}

    def letter(self, statement, kind, title, parts, **more):
        return letters.compose(self.name, self.sign_seed, statement, kind, title, parts, **more)

    def submission(self, batch, inline=True):
        return {"sender": self.name, "signature": letters.sign_batch(self.name, self.sign_seed, [b.id for b in batch]),
                "letters": [{"header": b.header, "body": b.body if inline else None} for b in batch]}

    def submit(self, batch, inline=True):
        """The records `filed`, each with the checkpoint that covers it."""
        answer = self.wire.ask("submit", **self.submission(batch, inline))
        filed = answer["letters"]
        if len(filed) != len(batch):
            raise Untrue("not a record for each letter")
        return [f if f["code"] or "checkpoint" in f else f | {"checkpoint": answer["checkpoint"]} for f in filed]

    def chunks(self, letter, offset=0, most=spec.LIMITS["chunk_most"]):
        """The body of an admitted letter piece by piece; its record `filed`."""
        while True:
            answer = self.wire.ask("chunk", letter=letter.id, offset=offset, bytes=letter.body[offset:offset + most])
            offset = answer["offset"]
            if "letter" in answer:
                return {"checkpoint": answer.get("checkpoint")} | answer["letter"]

    def receipt(self, letter, filed):
        event = receipts.filing_event(letter.fields | {"id": letter.id}, filed["time"], self.trust.broker)
        return prove(self.wire, self.trust, event, filed, filed["checkpoint"])

    def handover_receipt(self, letter):
        """From status: the recipient's acknowledgement, or None."""
        handed = self.wire.ask("status", sender=self.name, nonce=letter.fields["nonce"]).get("handed")
        if handed is None:
            return None
        event = receipts.handover_event(letter.fields | {"id": letter.id}, handed["time"], self.trust.broker)
        return prove(self.wire, self.trust, event, handed, handed["checkpoint"])


def header_fields(header):
    return canon.read_record("header", header) | {"id": letters.letter_id(header)}
