"""A holder: mailbox and addresses from one seed, and what comes into them."""
from . import agefile, keys, letters, receipts, sender, spec, statements, wire

YEAR = 365 * 24 * 3600 * 1000


def read_identity(data, phrase):
    """The seed of an identity file (E2.9)."""
    lines = agefile.open(data, phrase=phrase).decode().split("\n")
    if lines[0] != "fumibako identity v1" or len(lines) != 3 or not lines[1].startswith("seed ") or lines[2]:
        raise ValueError("not an identity")
    return keys.unb64(lines[1][5:], 32)


class Holder:
    def __init__(self, trust, seed, device="peer", endpoint=None):
        self.trust, self.seed, self.device = trust, seed, device
        self.sign_seed = keys.derive(seed, "mailbox sign")
        self.key = keys.public(self.sign_seed)
        self.mailbox = keys.name_of("fumibox", self.key)
        self.transport = keys.derive(seed, f"transport {device}")
        self.wire = wire.Connection(trust, self.transport, endpoint)
        self.statements = {}            # address number: [our statements, oldest first]

    # ---- mailbox and addresses ----
    def mailbox_statement(self, epoch=1, previous=None, devices=None, begin=None, end=None):
        now = letters.now_ms()
        devices = devices or [(keys.x25519(self.transport), self.device)]
        return statements.write_mailbox(self.sign_seed, epoch, devices, begin or now - 60000, end or now + YEAR, previous)

    def register(self, enrolment=None, statement=None):
        return self.wire.ask("register", statement=statement or self.mailbox_statement(), enrolment=enrolment)["level"]

    def address_seed(self, number):
        return keys.derive(self.seed, f"address {number} sign")

    def seal_secret(self, number, epoch):
        return keys.derive(self.seed, f"address {number} seal", epoch)

    def address(self, number):
        return keys.name_of("fumi", keys.public(self.address_seed(number)))

    def address_statement(self, number, accepts, begin=None, end=None, closed=None):
        """The next statement of this address."""
        now, before = letters.now_ms(), self.statements.get(number, [])
        epoch = len(before) + 1
        seals = [] if closed else [agefile.recipient(self.seal_secret(number, epoch))]
        return statements.write_address(self.address_seed(number), epoch, seals, accepts, begin or now - 60000,
                                        end or now + YEAR, statements.hash_of(before[-1]) if before else None, closed)

    def publish(self, number, statement):
        hashed = statements.hash_of(statement)
        bound = keys.sign(self.sign_seed, b"fumibako bind v1\n" + self.mailbox.encode() + b"\n" + hashed)
        answer = self.wire.ask("publish", statement=statement, mailbox=self.mailbox, signature=bound)
        attestation = statements.read_attestation(answer["attestation"], self.trust.attest)
        if attestation["statement"] != hashed or attestation["address"] != self.address(number):
            raise sender.Untrue("an attestation of something else")
        if statement not in self.statements.setdefault(number, []):
            self.statements[number].append(statement)
        return attestation["level"]

    def identities(self):
        return {self.address(n): [self.seal_secret(n, e) for e in range(1, len(s) + 1)]
                for n, s in self.statements.items()}

    # ---- the box ----
    def list(self, after=0, limit=256):
        return self.wire.ask("list", mailbox=self.mailbox, after=after, limit=limit)

    def fetch(self, seq, piece=spec.LIMITS["chunk_most"]):
        """Header, envelope and body."""
        first = self.wire.ask("fetch", mailbox=self.mailbox, seq=seq, offset=0, limit=piece)
        size = sender.header_fields(first["header"])["size"]
        body = first.get("body", b"")
        while len(body) < size:
            more = self.wire.ask("fetch", mailbox=self.mailbox, seq=seq, offset=len(body), limit=piece).get("body", b"")
            if not more:
                raise sender.Untrue("the body does not go on")
            body += more
        return first["header"], first["envelope"], body

    def read(self, listed):
        """What a listed letter says, after all checks; its header as bytes; its envelope."""
        header, envelope, body = self.fetch(listed["seq"])
        if header != listed["header"]:
            raise sender.Untrue("another letter than was listed")
        return letters.read(header, envelope, body, self.trust, self.identities()), header, envelope

    def filing_receipt(self, header, envelope):
        """The filing's receipt from what came with the letter."""
        fields = sender.header_fields(header)
        event = receipts.filing_event(fields, envelope["time"], self.trust.broker)
        return sender.prove(self.wire, self.trust, event, envelope, envelope["checkpoint"])

    def acknowledgement(self, listed, time=None):
        """The fields of an ack for these letters (E5.8)."""
        ids, time = [letters.letter_id(one["header"]) for one in listed], time or letters.now_ms()
        signed = b"fumibako ack v1\n" + self.mailbox.encode() + b"\n%d\n" % time + b"".join(ids)
        return {"mailbox": self.mailbox, "seqs": [one["seq"] for one in listed], "letters": ids, "time": time,
                "signature": keys.sign(self.sign_seed, signed)}

    def ack(self, listed):
        answer = self.wire.ask("ack", **self.acknowledgement(listed))
        return [a if a["code"] or "checkpoint" in a else a | {"checkpoint": answer["checkpoint"]}
                for a in answer["letters"]]

    def handover_receipt(self, header, acked):
        event = receipts.handover_event(sender.header_fields(header), acked["time"], self.trust.broker)
        return sender.prove(self.wire, self.trust, event, acked, acked["checkpoint"])

    def watch(self, after, seconds):
        return self.wire.ask("watch", patience=seconds + wire.ANSWER_MOST, mailbox=self.mailbox, after=after,
                             seconds=seconds)["count"]


class Registrar:
    def __init__(self, key_text):
        kind, self.name, seed = keys.key_file(key_text)
        if kind != "registrar":
            raise ValueError("not a registrar's key file")
        self.sign_seed = keys.derive(seed, "registrar sign")

    def enrol(self, mailbox_key, level, begin=None, end=None):
        now = letters.now_ms()
        return statements.write_enrolment(self.name, self.sign_seed, mailbox_key, level, begin or now - 60000,
                                          end or now + YEAR)

    def register_sender(self, name, key, transport, granted, epoch=1, previous=None, end=None):
        now = letters.now_ms()
        return statements.write_sender(self.name, self.sign_seed, name, "Peer Testing", granted, key, transport, epoch,
                                       now - 60000, end or now + YEAR, previous)
