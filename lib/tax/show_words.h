/* show_words.h - the facts of judging in a reader's words */
#pragma once

#include "tax/show.h"

const char *show_words_valid(const struct judged *d, bool japanese);
const char *show_words_integrity(const struct judged *d, bool japanese);
const char *show_words_issuer(const struct judged *d, bool japanese);
const char *show_words_revocation(const struct judged *d, bool japanese);
const char *show_words_sender(const struct show_about *about, bool japanese);
