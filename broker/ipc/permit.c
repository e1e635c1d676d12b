/* permit.c - which requests the front passes on
 *
 * One line a verb. The size of a request is what its fields can hold by messages.toml, rounded up;
 * a test walks the schemas and compares. */
#include "ipc/permit.h"

#include "schemas/messages.h"

#define KIB(n) ((size_t)(n)*1024)

static const struct permit permits[] = {
        { VERB_INFO, "info", 64, KIB(4) },
        { VERB_SUBMIT, "submit", MESSAGES_FRAME_MOST, KIB(128) },
        { VERB_CHUNK, "chunk", MESSAGES_CHUNK_MOST + 256, KIB(24) },
        { VERB_LOOKUP, "lookup", 256, KIB(24) },
        { VERB_SENDER, "sender", 256, KIB(20) },
        { VERB_ENLIST, "enlist", KIB(17), KIB(1) },
        { VERB_REGISTER, "register", KIB(21), KIB(1) },
        { VERB_PUBLISH, "publish", KIB(17), KIB(8) },
        { VERB_LIST, "list", 256, MESSAGES_FRAME_MOST },
        { VERB_FETCH, "fetch", 256, MESSAGES_FRAME_MOST },
        { VERB_ACK, "ack", KIB(12), KIB(128) },
        { VERB_WATCH, "watch", 256, 256 },
        { VERB_TILE, "tile", 64, KIB(12) },
        { VERB_STATUS, "status", 256, KIB(24) },
        { VERB_COSIGN, "cosign", KIB(9), 256 },
        { VERB_CHECKPOINT, "checkpoint", 64, KIB(20) },
};

const struct permit *permit_of(uint64_t verb)
{
        for (size_t i = 0; i < sizeof(permits) / sizeof(permits[0]); i++)
                if (permits[i].verb == verb)
                        return &permits[i];
        return NULL;
}
