/* submit.h - a batch of letters under one signature: E3.1, E3.4 */
#pragma once

#include "crypt/keys.h"
#include "evidence/tree.h"

enum { SUBMIT_BATCH_MOST = 256, SUBMIT_PATH_MOST = 8 };

void submit_letter_id(struct hash *id, struct slice header);                    /* E3.1 */
void submit_root(struct hash *root, const struct hash *ids, size_t count);      /* RFC 6962 over the ids */
void submit_sign(struct signature *out, struct slice sender, const struct hash *root, const struct sign_sec *sec);
bool submit_verify(const struct signature *sig, struct slice sender, const struct hash *root, const struct sign_pub *key);
/* Path of letter @index among @count ids; returns its length, at most SUBMIT_PATH_MOST. */
size_t submit_path(struct hash *path, const struct hash *ids, size_t count, size_t index);
/* Root and all paths in one pass, for whoever files a whole batch: path[i] of length len[i] is that of letter i. */
void submit_tree(struct hash *root, struct hash (*path)[SUBMIT_PATH_MOST], uint8_t *len, const struct hash *ids,
                 size_t count);
/* Does @path lead from @id to a root that @sig covers? */
bool submit_verify_letter(const struct hash *id, size_t index, size_t count, const struct hash *path, size_t len,
                          struct slice sender, const struct signature *sig, const struct sign_pub *key);
