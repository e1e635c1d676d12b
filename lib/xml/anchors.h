/* anchors.h - certificates and revocation lists out of files, as authorities hand them out */
#pragma once

#include "xml/judge.h"

#include <openssl/x509.h>

enum anchors_kind { ANCHORS_CERTIFICATES, ANCHORS_LISTS };

/* Put what @path holds into @store: a file, PEM (several in one) or DER, or a folder of such files,
 * where others are passed over. -ENOENT when there is none, -EINVAL when a file that was named
 * holds none, -EFBIG; @why says which. */
int anchors_load(X509_STORE *store, const char *path, enum anchors_kind kind,
                 char why[static JUDGE_WHY]);
