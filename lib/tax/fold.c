/* fold.c - when two writings of a name or number are the same */
#include "tax/fold.h"

#include "base/plain_text.h"

/* What is written in several ways; the first that fits is taken. "" drops it. */
static const struct {
        const char *from, *to;
} writings[] = {
        { "株式会社", "㈱" }, { "(株)", "㈱" },   { "（株）", "㈱" }, { "有限会社", "㈲" },
        { "(有)", "㈲" },     { "（有）", "㈲" }, { "　", "" },       { " ", "" },
        { "\t", "" },         { "\r", "" },       { "\n", "" },       { "－", "-" },
        { "−", "-" },         { "‐", "-" },
};

static bool begins(struct slice text, const char *with)
{
        struct slice w = slice_str(with);

        return slice_eq(slice_upto(text, w.len), w);
}

/* The bytes that were taken; 0: nothing of the table stands here. */
static size_t put_writing(struct buf *out, struct slice text)
{
        for (size_t i = 0; i < sizeof(writings) / sizeof(writings[0]); i++)
                if (begins(text, writings[i].from)) {
                        buf_puts(out, writings[i].to);
                        return strlen(writings[i].from);
                }
        return 0;
}

static size_t put_character(struct buf *out, struct slice text)
{
        size_t len;
        int32_t c = plain_text_next(text, &len);

        if (c >= 0xff01 && c <= 0xff5e)
                buf_putc(out, (uint8_t)(c - 0xff01 + '!'));
        else
                buf_put(out, slice_upto(text, len));
        return len;
}

void fold_put(struct buf *out, struct slice text)
{
        while (text.len) {
                size_t n = put_writing(out, text);

                text = slice_from(text, n ? n : put_character(out, text));
        }
}

bool fold_same(struct keep *keep, const char *a, const char *b)
{
        BUF_OWNED x = { 0 };
        BUF_OWNED y = { 0 };

        fold_put(&x, slice_str(a));
        fold_put(&y, slice_str(b));
        keep->failed |= buf_fault(&x) || buf_fault(&y);
        return x.len && slice_eq(buf_slice(&x), buf_slice(&y));
}
