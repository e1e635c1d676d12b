/* compose_check.c - what a caller may not ask for, said before anything is read or asked */
#include "sdk/compose.h"

#include "base/text.h"
#include "schemas/outcomes.h"

enum { ISSUED_MOST = 64 };

static int check_parts(struct fumi_sender *s, const struct fumi_letter *l)
{
        if (l->parts > SEAL_PARTS_MOST)
                return sender_say(s, OUTCOME_TOO_LARGE, "parts: more than %d", SEAL_PARTS_MOST);
        if (l->parts && !l->part)
                return sender_say(s, OUTCOME_MALFORMED, "parts: missing");
        for (size_t i = 0; i < l->parts; i++) {
                const struct fumi_part *p = &l->part[i];
                const char *what = p->file && p->bytes                ? "both file and bytes"
                                   : !p->file && !p->name             ? "no name"
                                   : !p->file && !p->bytes && p->size ? "a size without bytes"
                                                                      : NULL;

                if (what)
                        return sender_say(s, OUTCOME_MALFORMED, "part %zu: %s", i + 1, what);
        }
        return 0;
}

/* P4.2.7: what the broker would never file is not composed. */
static int check_conditions(struct fumi_sender *s, const struct fumi_letter *l)
{
        if (l->not_before < 0 || l->expires < 0)
                return sender_say(s, OUTCOME_MALFORMED, "%s: before 1970",
                                  l->not_before < 0 ? "not_before" : "expires");
        if (l->expires && l->not_before >= l->expires)
                return sender_say(s, OUTCOME_MALFORMED, "expires: not after not_before");
        if (l->assurance < 0 || l->assurance > 3)
                return sender_say(s, OUTCOME_MALFORMED, "assurance: 0 to 3");
        if (l->grade < 0 || l->grade > 3)
                return sender_say(s, OUTCOME_MALFORMED, "grade: 1 to 3, or 0");
        return 0;
}

static int check_key(struct fumi_sender *s, struct slice key)
{
        if (key.len == 0 || key.len > COMPOSE_KEY_MOST || !text_is_utf8(key))
                return sender_say(s, OUTCOME_MALFORMED, "key: 1 to %d bytes of UTF-8",
                                  COMPOSE_KEY_MOST);
        for (size_t i = 0; i < key.len; i++)
                if (key.at[i] < 0x20 || key.at[i] == 0x7f)
                        return sender_say(s, OUTCOME_MALFORMED, "key: has a control character");
        return 0;
}

int compose_check(struct fumi_sender *s, const struct fumi_letter *l)
{
        int r;

        if (!l->to || !name_address_get(slice_str(l->to), NULL))
                return sender_say(s, OUTCOME_MALFORMED, "to: '%.100s' is no address",
                                  l->to ? l->to : "");
        if (!l->letter_class || !name_class_get(slice_str(l->letter_class)))
                return sender_say(s, OUTCOME_MALFORMED, "class: '%.40s' is no letter class",
                                  l->letter_class ? l->letter_class : "");
        if (!l->type || !l->title)
                return sender_say(s, OUTCOME_MALFORMED, "%s: missing", l->type ? "title" : "type");
        if (l->issued && strlen(l->issued) > ISSUED_MOST)
                return sender_say(s, OUTCOME_MALFORMED, "issued: no RFC 3339 instant");
        r = check_parts(s, l);
        if (!r)
                r = check_conditions(s, l);
        return r || !l->key ? r : check_key(s, slice_str(l->key));
}
