/* seal.h - compose a letter: parts and note into padded content, content into an age file (E3, E4)
 *
 * Streams: memory does not grow with the parts. Two passes over each part: the first for the hash
 * in its note line, the second into the seal; a part that changed in between is refused. */
#pragma once

#include "base/buf.h"
#include "base/clock.h"
#include "letter/statement.h"
#include "schemas/messages.h"

enum { SEAL_PARTS_MOST = 64, SEAL_TITLE_MOST = 512, SEAL_TYPE_MOST = 128, SEAL_NAME_MOST = 255 };
/* E4.6: room for parts of 64 MiB in all, padded and sealed. */
#define SEAL_BODY_MOST (UINT64_C(68) << 20)

enum seal_outcome {
        SEAL_TOO_LARGE = 1,             /* sealed bytes would exceed SEAL_BODY_MOST */
        SEAL_CHANGED = 2,               /* a part was not the same in the second pass */
        SEAL_BAD_TEXT = 3,              /* title, type, media type or name breaks E4.3 */
        SEAL_NO_RECIPIENT = 4,          /* the statement has no seal line in force for the class */
};

/* Where a part's bytes come from: up to @room bytes at @offset into @to, the number read, or a fault. */
struct seal_part {
        const char *name;
        const char *media;
        uint64_t size;
        int64_t (*read)(void *ctx, uint64_t offset, uint8_t *to, size_t room);
        void *ctx;
};
struct seal_part seal_part_of_bytes(const char *name, const char *media, const struct slice *bytes);

struct seal_letter {
        struct slice from;              /* sender name */
        const struct sign_sec *sign;    /* the sender's signing key */
        const struct address_statement *to;
        unsigned class;
        const char *type;
        const char *title;
        const char *issued;             /* RFC 3339 */
        const struct seal_part *part;
        size_t parts;
        /* header fields beyond those that follow from the above */
        instant created, not_before, expires;   /* 0: left out */
        unsigned assurance, grade;
        const struct hash *reply_to;    /* NULL: left out */
        const uint8_t *nonce;           /* 16 bytes */
};

/* Takes sealed bytes as they come; a fault ends the sealing. */
typedef int (*seal_sink)(void *ctx, struct slice sealed);

/* Seal the letter into @sink and append the header to @header. The seal lines are those in force when it
 * was created. @where (96 bytes, may be NULL) names the part or field at fault: "title", "part 3 name". On anything but 0 what went to the sink is worthless and @header is as it was. */
int seal_compose(struct buf *header, const struct seal_letter *l, seal_sink sink, void *ctx, char where[96]);

uint64_t seal_padded(uint64_t len);             /* E4.2 */
