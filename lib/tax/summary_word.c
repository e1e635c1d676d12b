/* summary_word.c - what was found out, in words */
#include "tax/summary.h"

#include <assert.h>

#define WORD(list, at)                                                                             \
        __extension__({                                                                            \
                unsigned at_ = (unsigned)(at);                                                     \
                assert(at_ < sizeof(list) / sizeof(list[0]));                                      \
                &(list)[at_];                                                                      \
        })

const struct summary_word *summary_state(enum fumi_tax_state s)
{
        static const struct summary_word word[] = {
                [FUMI_TAX_COUNTS] = { "counts", "counts", "集計" },
                [FUMI_TAX_DUPLICATE] = { "duplicate", "duplicate", "重複" },
                [FUMI_TAX_SUPERSEDED] = { "superseded", "superseded", "差替済" },
                [FUMI_TAX_SHOWN] = { "shown", "not counted", "対象外" },
        };

        return WORD(word, s);
}

const struct summary_word *summary_integrity(enum fumi_tax_integrity i)
{
        static const struct summary_word word[] = {
                [FUMI_TAX_NOT_JUDGED] = { "not judged", "not judged", "未検証" },
                [FUMI_TAX_INTACT] = { "intact", "intact", "改変なし" },
                [FUMI_TAX_BROKEN] = { "broken", "broken", "不一致" },
        };

        return WORD(word, i);
}

const struct summary_word *summary_issuer(enum fumi_tax_issuer i)
{
        static const struct summary_word word[] = {
                [FUMI_TAX_NO_ANCHORS] = { "no anchors", "not checked", "未確認" },
                [FUMI_TAX_TRUSTED] = { "trusted", "trusted", "信頼できる" },
                [FUMI_TAX_UNTRUSTED] = { "untrusted", "not trusted", "信頼できない" },
        };

        return WORD(word, i);
}

const struct summary_word *summary_revocation(enum fumi_tax_revocation r)
{
        static const struct summary_word word[] = {
                [FUMI_TAX_NOT_CHECKED] = { "not checked", "not checked", "未確認" },
                [FUMI_TAX_GOOD] = { "good", "not revoked", "失効なし" },
                [FUMI_TAX_REVOKED] = { "revoked", "revoked", "失効" },
        };

        return WORD(word, r);
}

const struct summary_word *summary_sender(enum fumi_tax_sender s)
{
        static const struct summary_word word[] = {
                [FUMI_TAX_NO_LETTER] = { "no letter", "not out of a letter", "文書なし" },
                [FUMI_TAX_SAME] = { "same", "the issuer", "発行者と一致" },
                [FUMI_TAX_OTHER] = { "other", "another than the issuer", "発行者と不一致" },
                [FUMI_TAX_CANNOT_TELL] = { "cannot tell", "cannot be told", "判定不能" },
        };

        return WORD(word, s);
}
