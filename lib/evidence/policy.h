/* policy.h - C2SP tlog-policy: which witnesses must have cosigned before a checkpoint is believed
 *
 *      witness w1 <vkey>
 *      witness w2 <vkey>
 *      witness w3 <vkey>
 *      group any-two 2 w1 w2 w3
 *      quorum any-two
 *
 * A zeroed struct is no policy: everything meets it. Sets of witnesses are bits by their place in
 * @witness. */
#pragma once

#include "evidence/note.h"

enum { POLICY_WITNESSES_MOST = 32, POLICY_GROUPS_MOST = 32, POLICY_NAME_MOST = 64 };

struct policy_witness {
        char name[POLICY_NAME_MOST + 1]; /* only for the policy; the key has its own */
        struct note_key key;
        bool grouped;
};

/* A witness by its place, or a group by its place + POLICY_WITNESSES_MOST. */
typedef uint8_t policy_part;

struct policy_group {
        char name[POLICY_NAME_MOST + 1];
        uint8_t need, parts;
        policy_part part[POLICY_WITNESSES_MOST + POLICY_GROUPS_MOST];
        bool grouped;
};

struct policy {
        struct policy_witness witness[POLICY_WITNESSES_MOST];
        size_t witnesses;
        struct policy_group group[POLICY_GROUPS_MOST];
        size_t groups;
        enum { POLICY_UNSAID, POLICY_NONE, POLICY_QUORUM } says;
        policy_part quorum; /* when it says POLICY_QUORUM */
};

/* One line that begins with @word: NULL, or what is wrong with it. "" when the word is not one of a
 * policy's, and nothing was read. */
const char *policy_line(struct policy *p, struct slice word, struct slice rest);
/* After the last line: NULL, or what is missing. */
const char *policy_end(const struct policy *p);
void policy_write(struct buf *out, const struct policy *p);

/* Which witnesses have cosigned: bits into @cosigned. NOTE_FORGED when one of their lines is false.
 */
int policy_cosigned(const struct policy *p, const struct note *n, uint32_t *cosigned);
bool policy_met(const struct policy *p, uint32_t cosigned);
/* Whose cosignatures could still help; 0 when it is met. */
uint32_t policy_missing(const struct policy *p, uint32_t cosigned);
/* How few cosignatures can meet it. */
unsigned policy_least(const struct policy *p);
