"""Receipts (E6): the filing event, its leaf, and the tlog-proof file that verifies offline."""
from . import canon, keys, notes, spec, tree

FIRST = "c2sp.org/tlog-proof@v1"


class Wrong(ValueError):
    pass


# ---- events ----
def filing_event(header, time, broker):
    """The event of a letter filed at once, from its header's fields (E6.2)."""
    values = {k: header[k] for k in ("from", "to", "class", "grade", "digest", "size")}
    return canon.record("event", values | {
        "events": [spec.EVENTS["SubmissionAcceptance"], spec.EVENTS["ContentConsignment"]], "time": time,
        "broker": broker, "letter": header["id"]})


def handover_event(header, time, broker):
    values = {k: header[k] for k in ("from", "to")}
    return canon.record("event", values | {"events": [spec.EVENTS["ContentHandover"]], "time": time, "broker": broker,
                                           "letter": header["id"]})


def commitment(salt, event):
    return keys.sha256(b"fumibako event v1\n", salt, event)


def leaf(salt, event):
    return tree.leaf_hash(commitment(salt, event))


def next_head(head, leaf_hash):
    """The mailbox head one letter later (E6.5)."""
    return keys.sha256(head, leaf_hash)


# ---- checkpoints ----
def decimal(text):
    if not text.isascii() or not text.isdigit() or text != str(int(text)):
        raise Wrong("not a number")
    return int(text)


def read_checkpoint(note, logs):
    """Origin, size and root of a checkpoint that a log key signed; Unsigned if none of ours did."""
    text, _ = notes.verify(note, logs)
    lines = text.split("\n")
    if len(lines) < 4 or "" in lines[:-1] or (lines[0], True) not in [(name, True) for name, _ in logs]:
        raise Wrong("not a checkpoint of this log")
    return lines[0], decimal(lines[1]), keys.unb64(lines[2], 32)


# ---- receipts ----
def build(salt, event, index, path, checkpoint):
    extra = canon.record("disclosure", {"salt": salt, "event": event})
    return "".join([f"{FIRST}\nextra {keys.b64(extra)}\nindex {index}\n", *(keys.b64(h) + "\n" for h in path), "\n",
                    checkpoint])


def parse(text):
    front, empty, checkpoint = text.partition("\n\n")
    lines = front.split("\n")
    if not empty or len(lines) < 3 or lines[0] != FIRST or not lines[1].startswith("extra ") \
            or not lines[2].startswith("index "):
        raise Wrong("not a receipt")
    opened = keys.unb64(lines[1][6:])
    disclosure = canon.read_record("disclosure", opened)
    if canon.record("disclosure", disclosure) != opened:
        raise Wrong("extra has further keys")
    return disclosure, decimal(lines[2][6:]), [keys.unb64(line, 32) for line in lines[3:]], checkpoint


def verify(text, trust):
    """OK, FAIL or INCOMPLETE (E6.6), and the event that is proved or why it is not."""
    try:
        disclosure, index, path, checkpoint = parse(text)
        event = canon.read_record("event", disclosure["event"])
        claimed, signatures = notes.split(checkpoint)
        origin = claimed.split("\n")[0]
        known = [(name, key) for name, key in trust.logs if name == origin]
        if not any((name, number) == (k, notes.key_id(k, key)) for name, number, _ in signatures for k, key in known):
            return "INCOMPLETE", "no key of this log"
        _, size, root = read_checkpoint(checkpoint, known)
        ours = {(name, notes.key_id(name, key)) for name, key in known}
        if any((name, number) not in ours for name, number, _ in signatures):
            raise Wrong("a signature line of somebody else")
        if event["broker"] + "/log/0" != origin:
            raise Wrong("the event is another broker's")
        if tree.root_by_path(leaf(disclosure["salt"], disclosure["event"]), index, size, path) != root:
            raise Wrong("the leaf is not in the tree")
    except (ValueError, canon.Malformed) as e:
        return "FAIL", str(e)
    return "OK", event
