/* safe_name.c - a stranger's file name made harmless
 *
 * What is not harmless becomes "_", character by character, so that a person still recognises the
 * name. The rules are those of the strictest system the folder may be carried to. */
#include "sdk/safe_name.h"

#include "base/plain_text.h"

#include <stdio.h>
#include <strings.h>

enum { ENDING_MOST = 16 };

static bool harmless(int32_t c)
{
        return !plain_text_unseen(c) && !(c < 0x80 && strchr("/\\:*?\"<>|", c));
}

/* A name that some system keeps for a device, whatever its ending. */
static bool reserved(const char *name)
{
        static const char *const words[] = { "CON",    "PRN",     "AUX",   "NUL",
                                             "CONIN$", "CONOUT$", "CLOCK$" };
        size_t len = strcspn(name, ".");

        while (len && name[len - 1] == ' ')
                len--;
        for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
                if (strlen(words[i]) == len && strncasecmp(name, words[i], len) == 0)
                        return true;
        return len == 4 && (strncasecmp(name, "COM", 3) == 0 || strncasecmp(name, "LPT", 3) == 0) &&
               name[3] >= '0' && name[3] <= '9';
}

/* Where the ending begins, or the end of the name. */
static size_t ending_of(const char *name)
{
        const char *dot = strrchr(name, '.');
        size_t len = strlen(name);

        return dot && dot > name && len - (size_t)(dot - name) <= ENDING_MOST ? (size_t)(dot - name)
                                                                              : len;
}

/* The largest length up to @most at which no character is cut. */
static size_t whole_upto(const char *name, size_t most)
{
        while (most && ((uint8_t)name[most] & 0xc0) == 0x80)
                most--;
        return most;
}

/* Cut the middle out: the ending says what kind of file it is. */
static void shorten(char *name)
{
        size_t ending = ending_of(name), tail = strlen(name) - ending, keep;

        if (ending + tail <= SAFE_NAME_MOST)
                return;
        keep = whole_upto(name, SAFE_NAME_MOST - tail);
        memmove(name + keep, name + ending, tail + 1);
}

static void trim(char *name)
{
        size_t n = strlen(name);

        while (n && (name[n - 1] == ' ' || name[n - 1] == '.'))
                n--;
        name[n] = 0;
}

void safe_name(char out[static SAFE_NAME_ROOM], struct slice name)
{
        char all[1024] = "_"; /* which stays when there is need of a first character */
        size_t n = 1, len;
        char *begin = all + 1;

        while (name.len && n + 8 < sizeof(all)) {
                int32_t c = plain_text_next(name, &len);

                if (harmless(c)) {
                        memcpy(all + n, name.at, len);
                        n += len;
                } else {
                        all[n++] = '_';
                }
                name = slice_from(name, len);
        }
        all[n] = 0;
        trim(begin);
        if (*begin && strchr(".- ~", *begin))
                *begin = '_';
        if (!*begin || reserved(begin))
                begin = all;
        shorten(begin);
        trim(begin);
        snprintf(out, SAFE_NAME_ROOM, "%s", begin);
}

void safe_name_again(char out[static SAFE_NAME_ROOM], const char *safe, unsigned n)
{
        size_t ending = ending_of(safe);

        snprintf(out, SAFE_NAME_ROOM, "%.*s (%u)%s", (int)ending, safe, n, safe + ending);
}
