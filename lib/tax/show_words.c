/* show_words.c - the facts of judging in a reader's words (N3.4)
 *
 * None follows from another, so each has a sentence of its own, and what was not checked says so.
 */
#include "tax/show_words.h"

struct words {
        const char *english, *japanese;
};

static const char *pick(const struct words *w, bool japanese)
{
        return japanese ? w->japanese : w->english;
}

const char *show_words_valid(const struct judged *d, bool japanese)
{
        static const struct words words[] = {
                { "NO: see below", "様式に合いません（下記参照）" },
                { "yes, all that the form asks for is there", "様式どおりです" },
        };

        return pick(&words[d->valid], japanese);
}

const char *show_words_integrity(const struct judged *d, bool japanese)
{
        static const struct words words[] = {
                [JUDGE_NOT_JUDGED] = { "could not be judged", "確かめられません" },
                [JUDGE_INTACT] = { "intact, as its signer signed it",
                                   "署名した時のままです（改変なし）" },
                [JUDGE_BROKEN] = { "BROKEN: do not rely on the values",
                                   "署名が一致しません（値を信用しないでください）" },
        };

        return pick(&words[d->integrity], japanese);
}

const char *show_words_issuer(const struct judged *d, bool japanese)
{
        static const struct words words[] = {
                [JUDGE_NO_ANCHORS] = { "not checked: no authority was named",
                                       "確認していません（認証局の指定なし）" },
                [JUDGE_TRUSTED] = { "trusted: leads to an authority that you named",
                                    "信頼できます（指定された認証局につながります）" },
                [JUDGE_UNTRUSTED] = { "NOT TRUSTED: see below", "信頼できません（下記参照）" },
        };

        return pick(&words[d->issuer], japanese);
}

const char *show_words_revocation(const struct judged *d, bool japanese)
{
        static const struct words words[] = {
                [JUDGE_NOT_CHECKED] = { "not checked: no list tells",
                                        "確認していません（判定できる失効リストなし）" },
                [JUDGE_GOOD] = { "not revoked, by the lists that you named",
                                 "失効していません（指定された失効リストによる）" },
                [JUDGE_REVOKED] = { "REVOKED: see below", "失効しています（下記参照）" },
        };

        return pick(&words[d->revocation], japanese);
}

const char *show_words_sender(const struct show_about *about, bool japanese)
{
        static const struct words words[] = {
                [SHOW_NO_LETTER] = { "out of no letter", "手紙によるものではありません" },
                [SHOW_SAME] = { "the issuer itself", "発行者本人です" },
                [SHOW_OTHER] = { "NOT the issuer", "発行者ではありません" },
                [SHOW_CANNOT_TELL] = { "perhaps not the issuer: that cannot be told",
                                       "発行者かどうか分かりません" },
        };

        return pick(&words[about->sender], japanese);
}
