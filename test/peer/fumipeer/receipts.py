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


def read_tree_head(text):
    """Origin, size and root, of a text that nobody vouches for yet."""
    lines = text.split("\n")
    if len(lines) < 4 or "" in lines[:-1]:
        raise Wrong("not a checkpoint")
    return lines[0], decimal(lines[1]), keys.unb64(lines[2], 32)


def read_checkpoint(note, logs):
    """Origin, size and root of a checkpoint that a log key signed under the log's name."""
    text, (name, _) = notes.verify(note, logs)
    head = read_tree_head(text)
    if head[0] != name:
        raise Wrong("a checkpoint of another log")
    return head


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
    """OK, FAIL or INCOMPLETE (E6.6), and the event that is proved or why it is not. INCOMPLETE comes last: all
    that can be checked without the log's key has to be right."""
    try:
        disclosure, index, path, checkpoint = parse(text)
        event = canon.read_record("event", disclosure["event"])
        claimed, signatures = notes.split(checkpoint)
        origin, size, root = read_tree_head(claimed)
        if event["broker"] + "/log/0" != origin or all(name != origin for name, _, _ in signatures):
            raise Wrong("the event, or the signature, is another broker's")
        if len({number for _, number, _ in signatures}) < len(signatures):
            raise Wrong("two lines of one key")
        if tree.root_by_path(leaf(disclosure["salt"], disclosure["event"]), index, size, path) != root:
            raise Wrong("the leaf is not in the tree")
        known = [(name, key) for name, key in trust.logs if name == origin]
        if not known:
            return "INCOMPLETE", "no key of this log"
        notes.verify(checkpoint, known)
        if any(name == origin and number not in [notes.key_id(*one) for one in known] for name, number, _ in signatures):
            raise Wrong("a signature line of a key that is not the log's")
        witnessed = trust.policy.judge(checkpoint, origin)
        if witnessed == "FAIL":
            raise Wrong("a false cosignature")
        if witnessed != "OK":
            return "INCOMPLETE", "not enough witnesses, or an unknown one"
    except (ValueError, canon.Malformed) as e:
        return "FAIL", str(e)
    return "OK", event
