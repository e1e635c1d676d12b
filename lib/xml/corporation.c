/* corporation.c - which corporation a certificate is of */
#include "xml/corporation.h"

#include "base/text.h"
#include "form/number.h"

#include <openssl/objects.h>
#include <stdio.h>

enum { TRADE_NAME = 0, REGISTER_NUMBER = 1, REGISTER_DIGITS = 12 };

static ASN1_OBJECT *extension_id(void)
{
        return OBJ_txt2obj("1.2.392.100300.1.1.3", 1);
}

/* One DER value: its identifier and what it holds. Only short forms of one identifier byte, and
 * lengths that fit. */
static bool take(struct slice *rest, uint8_t *tag, struct slice *value)
{
        size_t head = 2, len;

        if (rest->len < 2 || (rest->at[0] & 0x1F) == 0x1F)
                return false;
        len = rest->at[1];
        if (len & 0x80) {
                size_t n = len & 0x7F;

                if (n < 1 || n > 2 || rest->len < 2 + n)
                        return false;
                len = n == 1 ? rest->at[2] : (size_t)rest->at[2] << 8 | rest->at[3];
                head += n;
        }
        if (rest->len - head < len)
                return false;
        *tag = rest->at[0];
        *value = slice_of(rest->at + head, len);
        *rest = slice_from(*rest, head + len);
        return true;
}

/* 法人番号: the twelve digits of the register behind a check digit (number.h). */
static bool put_number(char out[static CORPORATION_NUMBER], struct slice digits)
{
        unsigned sum = 0;

        if (digits.len != REGISTER_DIGITS)
                return false;
        for (size_t n = 1; n <= REGISTER_DIGITS; n++) {
                unsigned d = digits.at[REGISTER_DIGITS - n] - (unsigned)'0';

                if (d > 9)
                        return false;
                sum += d * (n % 2 ? 1 : 2);
        }
        snprintf(out, CORPORATION_NUMBER, "%u%.*s", 9 - sum % 9, REGISTER_DIGITS,
                 (const char *)digits.at);
        return true;
}

/* The string inside a [n], explicit or implicit: [0] { UTF8String } or [0] bytes. */
static struct slice string_of(uint8_t tag, struct slice value)
{
        struct slice inside;
        uint8_t kind;

        if (!(tag & 0x20))
                return value;
        return take(&value, &kind, &inside) && !value.len ? inside : slice_of(NULL, 0);
}

static void read_info(struct slice info, struct buf *name, char number[static CORPORATION_NUMBER])
{
        struct slice fields, value;
        uint8_t tag;

        if (!take(&info, &tag, &fields) || tag != 0x30 || info.len)
                return;
        while (take(&fields, &tag, &value)) {
                struct slice text = string_of(tag, value);

                if ((tag & 0xDF) == (0x80 | TRADE_NAME) && text_is_utf8(text))
                        buf_put(name, text);
                else if ((tag & 0xDF) == (0x80 | REGISTER_NUMBER))
                        (void)put_number(number, text);
        }
}

static void read_subject(const X509 *c, char number[static CORPORATION_NUMBER])
{
        static const char prefix[] = "NTRJP-";
        const X509_NAME *subject = X509_get_subject_name(c);
        int at = X509_NAME_get_index_by_NID(subject, NID_organizationIdentifier, -1);
        const ASN1_STRING *value;
        struct slice text, digits;

        if (at < 0)
                return;
        value = X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at));
        text = slice_of(ASN1_STRING_get0_data(value), (size_t)ASN1_STRING_length(value));
        digits = slice_from(text, sizeof(prefix) - 1);
        if (slice_is(slice_upto(text, sizeof(prefix) - 1), prefix) && form_hojinbango_ok(digits))
                snprintf(number, CORPORATION_NUMBER, "%.*s", (int)digits.len,
                         (const char *)digits.at);
}

void corporation_read(const X509 *c, struct buf *name, char number[static CORPORATION_NUMBER])
{
        ASN1_OBJECT *id = extension_id();
        int at = id ? X509_get_ext_by_OBJ(c, id, -1) : -1;
        const ASN1_OCTET_STRING *info;

        ASN1_OBJECT_free(id);
        if (at < 0) {
                read_subject(c, number);
                return;
        }
        info = X509_EXTENSION_get_data(X509_get_ext(c, at));
        read_info(slice_of(ASN1_STRING_get0_data(info), (size_t)ASN1_STRING_length(info)), name,
                  number);
}
