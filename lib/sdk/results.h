/* results.h - one letter's result, told from its row */
#pragma once

#include "sdk/sender.h"

/* The letter's place; NO_SUCH_LETTER is said. */
int results_find(struct fumi_sender *s, const fumi_id *id, uint64_t *place);
int results_tell(struct fumi_sender *s, uint64_t place, fumi_on_result on_result, void *ctx);
