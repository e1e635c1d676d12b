/* nta_csv_text.c - a field of the file as UTF-8 */
#include "form/nta_csv_inside.h"

#include "form/character.h"
#include "form/cp932.h"

#include <assert.h>

uint32_t nta_csv_text_next(struct nta_field *f, bool utf8)
{
        uint32_t c;

        assert(f->raw.len > 0);
        if (!utf8) {
                c = cp932_next(&f->raw);
        } else if (!character_next(&f->raw, &c)) {
                f->raw = slice_from(f->raw, 1);
                c = CP932_NONE;
        }
        if (c == '"' && f->quoted)
                f->raw = slice_from(f->raw, 1);
        return c;
}

struct nta_text nta_csv_text_read(struct nta_field f, bool utf8, uint8_t *out)
{
        struct nta_text t = { .utf8 = { out, 0 } };

        for (; f.raw.len; t.characters++) {
                uint32_t c = nta_csv_text_next(&f, utf8);

                if (c >= 0x20 && c < 0x7f) {
                        out[t.utf8.len++] = (uint8_t)c;
                        continue;
                }
                /* gen:str takes tabs and line ends; a column of a CSV holds none on purpose. */
                t.odd |= c < 0x20 || !character_ok(c) || (utf8 && !cp932_has(c));
                t.utf8.len += character_put(out + t.utf8.len, c == CP932_NONE ? 0xfffd : c);
        }
        return t;
}

/* N1.7 */
struct slice nta_csv_text_written(const struct form_column *column, struct slice value)
{
        switch (column->is) {
        case FORM_AMOUNT:
        case FORM_POSITIVE:
                return value.len && value.at[0] == '+' ? slice_from(value, 1) : value;
        case FORM_COLUMN_YY:
        case FORM_COLUMN_MM:
        case FORM_COLUMN_DD:
                while (value.len && value.at[0] == '0')
                        value = slice_from(value, 1);
                return value;
        default:
                return value;
        }
}
