/* form.c - looking things up in the tables of the forms */
#include "form/form.h"

#define GENERAL(name, digits, least, most)                                                         \
        {                                                                                          \
                name, true, true, false, digits, least, most                                       \
        }
#define ERA  GENERAL("era", 1, 1, 5)
#define YY   GENERAL("yy", 2, 1, 99)
#define YYYY GENERAL("yyyy", 4, 1, 9999)
#define MM   GENERAL("mm", 2, 1, 12)
#define DD   GENERAL("dd", 2, 1, 31)
#define KUBUN_NM                                                                                   \
        {                                                                                          \
                "kubun_NM", false, false, true, 30, 0, 0                                           \
        }

/* General.xsd. The parts of a kubun stand in the form's own namespace, because each form restricts
 * them. */
const struct form_part form_parts[FORM_TYPES][FORM_PARTS + 1] = {
        [FORM_KUBUN] = { { "kubun_CD", false, true, false, 1, 0, 9 }, KUBUN_NM },
        [FORM_KUBUN2] = { { "kubun_CD", false, true, false, 2, 0, 99 }, KUBUN_NM },
        [FORM_BANGO] = { { "kojinbango", true, false, false, 12, 0, 0 },
                         { "hojinbango", true, false, false, 13, 0, 0 } },
        [FORM_TEL_NUMBER] = { { "tel1", true, false, false, 6, 0, 0 },
                              { "tel2", true, false, false, 4, 0, 0 },
                              { "tel3", true, true, false, 4, 0, 0 } },
        [FORM_YYYYMMDD] = { YYYY, MM, DD },
        [FORM_YYYYMM] = { YYYY, MM },
        [FORM_YYYY] = { YYYY },
        [FORM_YYMMDD] = { ERA, YY, MM, DD },
        [FORM_YY] = { ERA, YY },
        [FORM_MMDD] = { MM, DD },
};

const struct form *form_find(struct slice id)
{
        for (const struct form *const *f = form_list; *f; f++)
                if (slice_is(id, (*f)->id))
                        return *f;
        return NULL;
}

uint16_t form_element(const struct form *f, struct slice id)
{
        for (uint16_t i = 0; i < f->elements; i++)
                if (slice_is(id, f->element[i].id))
                        return i;
        return FORM_NONE;
}

static struct slice without_zeros(struct slice code)
{
        while (code.len > 1 && code.at[0] == '0')
                code = slice_from(code, 1);
        return code;
}

const char *form_code_name(const struct form_code *list, struct slice code)
{
        /* The schemas number them: "01" and "1" are the same code. */
        code = without_zeros(code);
        for (; list->code; list++)
                if (slice_eq(code, without_zeros(slice_str(list->code))))
                        return list->name;
        return NULL;
}
