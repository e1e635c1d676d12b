/* keep.c - strings that live and go together */
#include "tax/keep.h"

#include <stdlib.h>

enum { PIECE = 1024, ALIGN = _Alignof(max_align_t) };

struct keep_piece {
        struct keep_piece *next;
        size_t used, room;
        _Alignas(ALIGN) uint8_t at[];
};

static bool piece_new(struct keep *k, size_t least)
{
        size_t room = least > PIECE ? least : PIECE;
        struct keep_piece *p = calloc(1, sizeof(*p) + room);

        if (!p) {
                k->failed = true;
                return false;
        }
        p->room = room;
        p->next = k->piece;
        k->piece = p;
        return true;
}

static void *room(struct keep *k, size_t size, size_t align)
{
        struct keep_piece *p = k->piece;
        size_t begin = p ? (p->used + align - 1) / align * align : 0;

        if (!p || begin > p->room || size > p->room - begin) {
                if (!piece_new(k, size))
                        return NULL;
                p = k->piece;
                begin = 0;
        }
        p->used = begin + size;
        return p->at + begin;
}

const char *keep_text(struct keep *k, struct slice text)
{
        char *at = text.len ? room(k, text.len + 1, 1) : NULL;

        if (!at)
                return "";
        memcpy(at, text.at, text.len);
        at[text.len] = 0;
        return at;
}

void *keep_room(struct keep *k, size_t size)
{
        return room(k, size, ALIGN);
}

void keep_free(struct keep *k)
{
        while (k->piece) {
                struct keep_piece *p = k->piece;

                k->piece = p->next;
                free(p);
        }
        *k = (struct keep){ 0 };
}
