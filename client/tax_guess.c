/* tax_guess.c - what a file is that was taken for a certificate */
#include "client/tax.h"

/* What is often taken for a certificate, by how it begins. */
static const struct {
        const char *begins, *english, *japanese;
} other[] = {
        { "PK\x03\x04", "this is a ZIP: unpack it, and name one of the XML files in it",
          "ZIPファイルです。展開して、中のXMLファイルを一つ指定してください" },
        { "%PDF",
          "this is a PDF, a certificate's picture: tax software and this command take the XML "
          "file, which the issuer has, too",
          "PDFは表示用です。発行者から電子データ（XMLファイル）を入手してください" },
        { "TEG",
          "this is what a sender makes certificates of: 'fumibako-post nta convert' reads it",
          "証明書の元になるCSVです。'fumibako-post nta convert' で証明書を作成できます" },
        { "age-encryption.org/",
          "this is a sealed letter: 'fumibako export' takes the certificate "
          "out of it",
          "封をした手紙です。'fumibako export' で証明書を取り出してください" },
};

const char *tax_guess(struct slice bytes)
{
        for (size_t i = 0; i < sizeof(other) / sizeof(other[0]); i++)
                if (slice_is(slice_upto(bytes, strlen(other[i].begins)), other[i].begins))
                        return show_pick(other[i].english, other[i].japanese);
        return bytes.len ? NULL : show_pick("the file is empty", "空のファイルです");
}
