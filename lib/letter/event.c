/* event.c - what happened, and the commitment to it
 *
 *      commitment = SHA-256( "fumibako event v1\n" || salt || event )            E6.1
 *      leaf hash  = SHA-256( 0x00 || commitment )
 *
 * Only the leaf goes into the tree, so nothing personal does; who has event and salt can open it,
 * and when the salt is forgotten nobody can. */
#include "letter/event.h"

#include "crypt/hash.h"
#include "evidence/tree.h"
#include "schemas/events.h"

#include <assert.h>

static const char prefix[] = "fumibako event v1\n";

/* Event codes below 128 are their own msgpack spelling, so that a list of them is a constant. */
#define CODE_MOST 127u
static const uint8_t filed[] = { EVENT_SUBMISSION_ACCEPTANCE, EVENT_CONTENT_CONSIGNMENT };
static const uint8_t handed[] = { EVENT_CONTENT_HANDOVER };

static_assert(EVENT_SUBMISSION_ACCEPTANCE <= CODE_MOST && EVENT_CONTENT_CONSIGNMENT <= CODE_MOST &&
                      EVENT_CONTENT_HANDOVER <= CODE_MOST,
              "one byte each");

static struct event begin(const uint8_t *codes, size_t count, struct slice broker, instant time)
{
        assert(time >= 0);
        return (struct event){
                .events = { .items = slice_of(codes, count), .count = (uint32_t)count },
                .time = (uint64_t)time,
                .broker = broker,
        };
}

static void about_letter(struct event *e, const struct header *h, const struct hash *id)
{
        e->letter = *id;
        e->from = h->from;
        e->to = h->to;
        e->has_letter = e->has_from = e->has_to = true;
}

void event_put_filed(struct buf *out, struct slice broker, const struct header *h,
                     const struct hash *id, instant time)
{
        struct event e = begin(filed, sizeof(filed), broker, time);

        about_letter(&e, h, id);
        e.class = h->class;
        e.grade = h->grade;
        e.digest = h->digest;
        e.size = h->size;
        e.has_class = e.has_grade = e.has_digest = e.has_size = true;
        field_write(&event_table, out, &e);
}

void event_put_handed(struct buf *out, struct slice broker, const struct header *h,
                      const struct hash *id, instant time)
{
        struct event e = begin(handed, sizeof(handed), broker, time);

        about_letter(&e, h, id);
        field_write(&event_table, out, &e);
}

void event_put_statement(struct buf *out, uint64_t code, struct slice broker, struct slice subject,
                         const struct hash *statement, int level, instant time)
{
        uint8_t one = (uint8_t)code;
        struct event e = begin(&one, 1, broker, time);

        assert(code <= CODE_MOST);
        e.subject = subject;
        e.statement = *statement;
        e.has_subject = e.has_statement = true;
        if (level >= 0) {
                e.level = (uint64_t)level;
                e.has_level = true;
        }
        field_write(&event_table, out, &e);
}

void event_leaf(struct hash *leaf, const uint8_t salt[static EVENT_SALT], struct slice event)
{
        const struct slice parts[] = { slice_str(prefix), slice_of(salt, EVENT_SALT), event };
        struct hash commitment;

        hash_sha256_parts(&commitment, parts, 3);
        tree_leaf(leaf, slice_hash(&commitment));
}

void event_head(struct hash *head, const struct hash *leaf)
{
        const struct slice parts[] = { slice_hash(head), slice_hash(leaf) };
        struct hash next;

        hash_sha256_parts(&next, parts, 2);
        *head = next;
}
