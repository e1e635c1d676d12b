/* content.c - what a caller wants sent, as a digest
 *
 * Not in it is what may differ from call to call without meaning another letter: the time of issue
 * when none is given, and the names of parts, as files are renamed. */
#include "sdk/content.h"

#include "crypt/hash.h"

/* Each text with its length before it, so that no two letters read alike. */
static void mix(struct hash_state *st, struct slice s)
{
        uint8_t len[8];

        put_be64(len, s.len);
        hash_more(st, slice_of(len, sizeof(len)));
        hash_more(st, s);
}

static void mix_number(struct hash_state *st, int64_t n)
{
        uint8_t bytes[8];

        put_be64(bytes, (uint64_t)n);
        mix(st, slice_of(bytes, sizeof(bytes)));
}

void content_digest(struct hash *out, const struct fumi_letter *l, const struct part *part)
{
        struct hash_state st;

        hash_begin(&st);
        mix(&st, slice_str("fumibako content v1"));
        mix(&st, slice_str(l->to));
        mix(&st, slice_str(l->letter_class));
        mix(&st, slice_str(l->type));
        mix(&st, slice_str(l->title));
        mix(&st, slice_str(l->issued ? l->issued : ""));
        mix_number(&st, l->not_before);
        mix_number(&st, l->expires);
        mix_number(&st, l->assurance);
        mix_number(&st, l->grade ? l->grade : 1);
        mix(&st, l->reply_to ? slice_of(l->reply_to->b, sizeof(l->reply_to->b)) : slice_str(""));
        for (size_t i = 0; i < l->parts; i++) {
                struct hash digest = part[i].digest;

                if (!part[i].path)
                        hash_sha256(&digest, part[i].bytes);
                mix(&st, slice_hash(&digest));
        }
        hash_end(&st, out);
}
