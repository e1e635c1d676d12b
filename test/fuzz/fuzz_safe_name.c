/* fuzz_safe_name.c - whatever a sender calls a part, its name is harmless, and so is it when it is
 * made safe again */
#include "sdk/safe_name.h"

#include "base/text.h"
#include "base/plain_text.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(const char *name)
{
        struct slice rest = slice_str(name);
        size_t len;

        assert(rest.len >= 1 && rest.len < SAFE_NAME_ROOM);
        assert(!strpbrk(name, "/\\:*?\"<>|") && !strchr(".-~ ", name[0]));
        assert(!strchr(". ", name[rest.len - 1]));
        while (rest.len) {
                assert(!plain_text_unseen(plain_text_next(rest, &len)));
                rest = slice_from(rest, len);
        }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        char name[SAFE_NAME_ROOM], again[SAFE_NAME_ROOM];

        safe_name(name, slice_of(data, size));
        assert(strlen(name) <= SAFE_NAME_MOST);
        check(name);
        safe_name(again, slice_str(name));
        assert(strcmp(name, again) == 0);
        safe_name_again(again, name, 9999);
        check(again);
        return 0;
}
