/* corporation.h - who a corporation is, by the certificate of the commercial register
 *
 * 商業登記に基づく電子証明書: the extension 1.2.392.100300.1.1.3 holds the trade name and the
 * number in the register, of which the corporate number (法人番号) is made with its check digit. */
#pragma once

#include "base/buf.h"

#include <openssl/x509.h>

enum { CORPORATION_NUMBER = 16 };

/* Append the trade name to @name and set @number. Both stay as they are when the certificate is of
 * another kind, or the extension is not built that way. */
void corporation_read(const X509 *c, struct buf *name, char number[static CORPORATION_NUMBER]);
