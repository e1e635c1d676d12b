/* show_value.c - what one element says, by its type
 *
 * What cannot be read as its type is shown as it is written: the findings say that it is wrong, and
 * nothing is hidden. */
#include "tax/show_value.h"

#include "form/number.h"

/* kubun_CD and kubun_NM; a number of a person, or of a corporation (form_parts) */
enum { CODE = 0, NAME = 1, PERSONAL = 0, CORPORATE = 1 };

static struct slice without_zeros(struct slice digits)
{
        while (digits.len > 1 && digits.at[0] == '0')
                digits = slice_from(digits, 1);
        return digits;
}

static void read_code(struct show_value *v, const struct form_element *e, const struct doc_node *n)
{
        const char *name = e->code ? form_code_name(e->code, n->part[CODE]) : NULL;

        v->kind = SHOW_CODE;
        v->text = n->part[CODE];
        v->name = name ? name : "";
        v->written = n->part[NAME];
}

static void read_date(struct show_value *v, enum form_type type, const struct doc_node *n)
{
        if (form_date_read(&v->date, n, type) == 0)
                v->kind = SHOW_DATE;
}

struct show_value show_value_read(const struct form *f, const struct doc_node *n)
{
        const struct form_element *e = &f->element[n->element];
        struct show_value v = { .kind = SHOW_TEXT, .text = n->part[0] };

        switch (e->type) {
        case FORM_KINGAKU:
                if (form_amount_read(&v.amount, n->part[0]))
                        v.kind = SHOW_AMOUNT;
                break;
        case FORM_NUMBER:
                v.kind = SHOW_DIGITS;
                v.text = without_zeros(n->part[0]);
                break;
        case FORM_KUBUN:
        case FORM_KUBUN2:
                read_code(&v, e, n);
                break;
        case FORM_BANGO:
                v.kind = n->part[CORPORATE].at ? SHOW_CORPORATE : SHOW_PERSONAL;
                v.text = n->part[v.kind == SHOW_CORPORATE ? CORPORATE : PERSONAL];
                break;
        case FORM_TEL_NUMBER:
                v.kind = SHOW_TELEPHONE;
                break;
        case FORM_STR:
                break;
        default:
                read_date(&v, (enum form_type)e->type, n);
                break;
        }
        return v;
}

/* The parts that are there, as they are written: a telephone number, a date that is none. */
static void put_parts(struct buf *out, const struct doc_node *n)
{
        const char *between = "";

        for (int i = 0; i < FORM_PARTS; i++) {
                if (!n->part[i].len)
                        continue;
                buf_puts(out, between);
                buf_put(out, n->part[i]);
                between = "-";
        }
}

/* The name; with what the form calls that code when the file calls it something else. */
static void put_code(struct buf *out, const struct show_value *v)
{
        bool other = v->written.len && *v->name && !slice_is(v->written, v->name);

        if (v->written.len)
                buf_put(out, v->written);
        else if (*v->name)
                buf_puts(out, v->name);
        else
                buf_put(out, v->text);
        if (!other)
                return;
        buf_puts(out, "（");
        buf_put(out, v->text);
        buf_printf(out, " %s）", v->name);
}

void show_value_put(struct buf *out, const struct show_value *v, const struct doc_node *n)
{
        char amount[FORM_AMOUNT_TEXT], date[FORM_DATE_TEXT];

        switch (v->kind) {
        case SHOW_AMOUNT:
                form_amount_show(amount, v->amount);
                buf_printf(out, "%s円", amount);
                break;
        case SHOW_DATE:
                form_date_show_both(date, &v->date);
                buf_puts(out, date);
                break;
        case SHOW_CODE:
                put_code(out, v);
                break;
        case SHOW_TEXT:
        case SHOW_TELEPHONE:
                put_parts(out, n);
                break;
        default:
                buf_put(out, v->text);
                break;
        }
}

void show_value_iso(struct buf *out, const struct form_date *d)
{
        if (d->year)
                buf_printf(out, "%04d", d->year);
        else
                buf_putc(out, '-');
        if (d->month)
                buf_printf(out, "-%02d", d->month);
        if (d->month && d->day)
                buf_printf(out, "-%02d", d->day);
}
