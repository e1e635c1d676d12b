/* fuzz_recovery.c - any text as recovery shares (E8.2)
 *
 * Reading ends, and takes every share at most once; a share that is good is spelt as words that
 * read as the same share again. */
#include "base/secret.h"
#include "crypt/slip39_words.h"
#include "letter/recovery.h"

#include <assert.h>
#include <stdlib.h>

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct recovery_text *text, *again;
static struct slip39_share *share;
static char *spelt;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
        if (secret_init())
                abort();
        text = secret_new(sizeof(*text));
        again = secret_new(sizeof(*again));
        share = secret_new(2 * sizeof(*share));
        spelt = secret_new(RECOVERY_SPELT);
        if (!text || !again || !share || !spelt)
                abort();
        return 0;
}

/* What is said about a text is true of it. */
static void look(int r)
{
        size_t bad = 0;

        for (size_t i = 0; i < RECOVERY_WORDS; i++) {
                const struct recovery_word *w = &text->word[i];

                assert(w->number >= RECOVERY_WORD_UNKNOWN && w->number < SLIP39_WORDS);
                assert(w->typed[RECOVERY_TYPED] == 0);
                assert((w->number == RECOVERY_WORD_MISSING) == (w->typed[0] == 0));
                bad += w->number < 0 || w->twice;
        }
        assert((r == RECOVERY_WRONG_WORDS) == (bad || text->too_many));
        if (r == RECOVERY_CHECKSUM)
                assert(recovery_suspect(text) < RECOVERY_WORDS);
}

static void back(void)
{
        struct recovery_source source;
        bool more;
        int r;

        recovery_spell(spelt, &share[0]);
        source = recovery_of(slice_str(spelt));
        more = recovery_next(again, &source);
        r = recovery_read(&share[1], again);
        assert(more && r == 0 && source.rest.len == 0);
        assert(secret_equal(slice_of(&share[0], sizeof(*share)),
                            slice_of(&share[1], sizeof(*share))));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        struct recovery_source source = recovery_of(slice_of(data, size));
        uint16_t near[4];

        for (size_t left = size; recovery_next(text, &source); left = source.rest.len) {
                int r = recovery_read(&share[0], text);

                assert(source.rest.len < left);
                look(r);
                if (r == 0)
                        back();
        }
        slip39_words_near(slice_of(data, size), near, 4);
        return 0;
}
