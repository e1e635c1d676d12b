"""fumipeer - a second client of the postbox protocol, written from its documents alone

It exists to show that schemas/PROTOCOL.md and schemas/ENVELOPE.md suffice. It shares no line with the C
client and reads none of its sources; of the project's files it knows those documents and nothing else.
Clauses are named where they are kept.
"""
