/* policy.c - C2SP tlog-policy, the part of it that is about witnesses
 *
 * Names are defined before they are used and stand in one group at most, so groups make a forest,
 * a witness counts in one way only, and asking a part never comes back to it. */
#include "evidence/policy.h"

#include "base/text.h"
#include "evidence/cosign.h"

#include <assert.h>
#include <stdio.h>

static_assert(POLICY_WITNESSES_MOST <= 32, "a set of witnesses is 32 bits");

enum { GROUPS = POLICY_WITNESSES_MOST }; /* parts from here on are groups */

/* ---- reading ---- */

/* The next of the words that blanks divide; the empty slice at the end. */
static struct slice next_word(struct slice *rest)
{
        struct slice word;
        size_t from = 0, to;

        while (from < rest->len && (rest->at[from] == ' ' || rest->at[from] == '\t'))
                from++;
        for (to = from; to < rest->len && rest->at[to] != ' ' && rest->at[to] != '\t';)
                to++;
        word = slice_upto(slice_from(*rest, from), to - from);
        *rest = slice_from(*rest, to);
        return word;
}

static bool find(const struct policy *p, struct slice name, policy_part *out)
{
        for (size_t i = 0; i < p->witnesses; i++)
                if (slice_is(name, p->witness[i].name)) {
                        *out = (policy_part)i;
                        return true;
                }
        for (size_t i = 0; i < p->groups; i++)
                if (slice_is(name, p->group[i].name)) {
                        *out = (policy_part)(GROUPS + i);
                        return true;
                }
        return false;
}

/* NULL, or why this cannot be a new name. */
static const char *new_name(const struct policy *p, struct slice name)
{
        policy_part part;

        if (name.len > POLICY_NAME_MOST || !note_name_ok(name))
                return "expected a name of at most 64 bytes without plus and controls";
        if (slice_is(name, "none"))
                return "the name none is taken: it is the quorum that asks for nobody";
        return find(p, name, &part) ? "this name is defined already" : NULL;
}

static const char *read_witness(struct policy *p, struct slice rest)
{
        struct slice name = next_word(&rest), vkey = next_word(&rest);
        const char *cause = new_name(p, name);
        struct policy_witness w = { "" };

        if (cause)
                return cause;
        if (p->witnesses == POLICY_WITNESSES_MOST)
                return "more than 32 witnesses";
        if (!cosign_vkey_get(vkey, &w.key))
                return "not the verifier key of a witness (name+id+base64, type 4)";
        if (next_word(&rest).len)
                return "something follows the witness's key";
        for (size_t i = 0; i < p->witnesses; i++)
                if (memcmp(&p->witness[i].key.pub, &w.key.pub, sizeof(w.key.pub)) == 0)
                        return "another witness has the same key";
        memcpy(w.name, name.at, name.len);
        p->witness[p->witnesses++] = w;
        return NULL;
}

static bool *grouped(struct policy *p, policy_part part)
{
        return part < GROUPS ? &p->witness[part].grouped : &p->group[part - GROUPS].grouped;
}

static const char *read_parts(struct policy *p, struct policy_group *g, struct slice rest)
{
        struct slice name;

        while ((name = next_word(&rest)).len) {
                policy_part part;

                if (!find(p, name, &part))
                        return "a member that no line before defines";
                if (*grouped(p, part))
                        return "a member that is in a group already";
                *grouped(p, part) = true;
                g->part[g->parts++] = part;
        }
        return g->parts ? NULL : "a group without members";
}

static const char *read_group(struct policy *p, struct slice rest)
{
        struct slice name = next_word(&rest), need = next_word(&rest);
        const char *cause = new_name(p, name);
        struct policy_group g = { "" };
        uint64_t k;

        if (cause)
                return cause;
        if (p->groups == POLICY_GROUPS_MOST)
                return "more than 32 groups";
        cause = read_parts(p, &g, rest);
        if (cause)
                return cause;
        if (slice_is(need, "any"))
                k = 1;
        else if (slice_is(need, "all"))
                k = g.parts;
        else if (!text_get_u64(need, &k) || k < 1 || k > g.parts)
                return "expected any, all, or a number from 1 to that of the members";
        g.need = (uint8_t)k;
        memcpy(g.name, name.at, name.len);
        p->group[p->groups++] = g;
        return NULL;
}

static const char *read_quorum(struct policy *p, struct slice rest)
{
        struct slice name = next_word(&rest);

        if (p->says != POLICY_UNSAID)
                return "a second quorum line";
        if (next_word(&rest).len)
                return "something follows the quorum's name";
        if (slice_is(name, "none")) {
                p->says = POLICY_NONE;
                return NULL;
        }
        if (!find(p, name, &p->quorum))
                return "a quorum that no line before defines";
        p->says = POLICY_QUORUM;
        return NULL;
}

const char *policy_line(struct policy *p, struct slice word, struct slice rest)
{
        if (slice_is(word, "witness"))
                return read_witness(p, rest);
        if (slice_is(word, "group"))
                return read_group(p, rest);
        if (slice_is(word, "quorum"))
                return read_quorum(p, rest);
        return "";
}

const char *policy_end(const struct policy *p)
{
        if (p->says == POLICY_UNSAID && p->witnesses)
                return "there are witnesses and no quorum line";
        return NULL;
}

/* ---- writing ---- */

static const char *name_of(const struct policy *p, policy_part part)
{
        return part < GROUPS ? p->witness[part].name : p->group[part - GROUPS].name;
}

static void write_group(struct buf *out, const struct policy *p, const struct policy_group *g)
{
        buf_printf(out, "group %s %u", g->name, g->need);
        for (size_t i = 0; i < g->parts; i++)
                buf_printf(out, " %s", name_of(p, g->part[i]));
        buf_putc(out, '\n');
}

void policy_write(struct buf *out, const struct policy *p)
{
        for (size_t i = 0; i < p->witnesses; i++) {
                buf_printf(out, "witness %s ", p->witness[i].name);
                cosign_vkey_put(out, &p->witness[i].key);
                buf_putc(out, '\n');
        }
        for (size_t i = 0; i < p->groups; i++)
                write_group(out, p, &p->group[i]);
        if (p->says != POLICY_UNSAID)
                buf_printf(out, "quorum %s\n",
                           p->says == POLICY_NONE ? "none" : name_of(p, p->quorum));
}

/* ---- asking ---- */

int policy_cosigned(const struct policy *p, const struct note *n, uint32_t *cosigned)
{
        uint32_t set = 0;

        for (size_t i = 0; i < p->witnesses; i++) {
                int r = cosign_verify(n, &p->witness[i].key);

                if (r == NOTE_FORGED)
                        return r;
                if (r == 0)
                        set |= UINT32_C(1) << i;
        }
        *cosigned = set;
        return 0;
}

/* Groups only name what is before them, so the depth is bounded by their number. */
static bool part_met(const struct policy *p, policy_part part, uint32_t cosigned)
{
        const struct policy_group *g;
        unsigned met = 0;

        if (part < GROUPS)
                return cosigned >> part & 1;
        g = &p->group[part - GROUPS];
        for (size_t i = 0; i < g->parts; i++)
                met += part_met(p, g->part[i], cosigned);
        return met >= g->need;
}

static uint32_t part_missing(const struct policy *p, policy_part part, uint32_t cosigned)
{
        const struct policy_group *g;
        uint32_t missing = 0;

        if (part_met(p, part, cosigned))
                return 0;
        if (part < GROUPS)
                return UINT32_C(1) << part;
        g = &p->group[part - GROUPS];
        for (size_t i = 0; i < g->parts; i++)
                missing |= part_missing(p, g->part[i], cosigned);
        return missing;
}

static unsigned part_least(const struct policy *p, policy_part part)
{
        unsigned least[POLICY_WITNESSES_MOST + POLICY_GROUPS_MOST] = { 0 }, sum = 0;
        const struct policy_group *g;

        if (part < GROUPS)
                return 1;
        g = &p->group[part - GROUPS];
        for (size_t i = 0; i < g->parts; i++) {
                unsigned one = part_least(p, g->part[i]);
                size_t at = i;

                for (; at && least[at - 1] > one; at--)
                        least[at] = least[at - 1];
                least[at] = one;
        }
        for (size_t i = 0; i < g->need; i++)
                sum += least[i];
        return sum;
}

bool policy_met(const struct policy *p, uint32_t cosigned)
{
        return p->says != POLICY_QUORUM || part_met(p, p->quorum, cosigned);
}

uint32_t policy_missing(const struct policy *p, uint32_t cosigned)
{
        return p->says == POLICY_QUORUM ? part_missing(p, p->quorum, cosigned) : 0;
}

unsigned policy_least(const struct policy *p)
{
        return p->says == POLICY_QUORUM ? part_least(p, p->quorum) : 0;
}
