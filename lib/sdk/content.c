/* content.c - what a caller wants sent, as a digest
 *
 * Not in it is what may differ from call to call without meaning another letter: the time of issue
 * when none is given, and the names of parts, as files are renamed. */
#include "sdk/content.h"

#include "crypt/hash.h"

static void mix_number(struct hash_state *st, int64_t n)
{
        uint8_t bytes[8];

        put_be64(bytes, (uint64_t)n);
        hash_more_sized(st, slice_of(bytes, sizeof(bytes)));
}

void content_digest(struct hash *out, const struct fumi_letter *l, const struct part *part)
{
        struct hash_state st;

        hash_begin(&st);
        hash_more_sized(&st, slice_str("fumibako content v1"));
        hash_more_sized(&st, slice_str(l->to));
        hash_more_sized(&st, slice_str(l->letter_class));
        hash_more_sized(&st, slice_str(l->type));
        hash_more_sized(&st, slice_str(l->title));
        hash_more_sized(&st, slice_str(l->issued ? l->issued : ""));
        mix_number(&st, l->not_before);
        mix_number(&st, l->expires);
        mix_number(&st, l->assurance);
        mix_number(&st, l->grade ? l->grade : 1);
        hash_more_sized(&st, l->reply_to ? slice_of(l->reply_to->b, sizeof(l->reply_to->b))
                                         : slice_str(""));
        for (size_t i = 0; i < l->parts; i++)
                hash_more_sized(&st, slice_hash(&part[i].digest));
        hash_end(&st, out);
}
