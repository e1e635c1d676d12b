/* submit.c - a batch of letters under one signature
 *
 *      letter id  = SHA-256( "fumibako letter v1\n" || header )                  E3.1
 *      leaf       = SHA-256( 0x00 || letter id ), root as in RFC 6962            E3.4
 *      signed     = "fumibako submit v1\n" || sender name || root
 *
 * The broker verifies one signature a batch; with its path each letter stays provable alone. The
 * prefixes keep what is signed here from ever being read as a note or another statement. Nothing
 * here allocates: a submission of 256 letters costs 512 hashes and one signature. */
#include "letter/submit.h"

#include "crypt/hash.h"
#include "letter/name.h"

#include <assert.h>

static const char letter_prefix[] = "fumibako letter v1\n";
static const char submit_prefix[] = "fumibako submit v1\n";

struct message {
        uint8_t b[sizeof(submit_prefix) - 1 + NAME_PARTY_MOST + sizeof(struct hash)];
        size_t len;
};

/* False for a sender name that is longer than any. */
static bool message_of(struct message *m, struct slice sender, const struct hash *root)
{
        size_t prefix = sizeof(submit_prefix) - 1;

        if (sender.len == 0 || sender.len > NAME_PARTY_MOST)
                return false;
        memcpy(m->b, submit_prefix, prefix);
        memcpy(m->b + prefix, sender.at, sender.len);
        memcpy(m->b + prefix + sender.len, root->b, sizeof(root->b));
        m->len = prefix + sender.len + sizeof(root->b);
        return true;
}

static void leaves_of(struct hash *leaf, const struct hash *ids, size_t count)
{
        assert(count >= 1 && count <= SUBMIT_BATCH_MOST);
        for (size_t i = 0; i < count; i++)
                tree_leaf(&leaf[i], slice_hash(&ids[i]));
}

void submit_letter_id(struct hash *id, struct slice header)
{
        const struct slice parts[] = { slice_str(letter_prefix), header };

        hash_sha256_parts(id, parts, 2);
}

void submit_root(struct hash *root, const struct hash *ids, size_t count)
{
        struct hash leaf[SUBMIT_BATCH_MOST];

        leaves_of(leaf, ids, count);
        tree_root_of(root, leaf, count);
}

void submit_sign(struct signature *out, struct slice sender, const struct hash *root,
                 const struct sign_sec *sec)
{
        struct message m;
        bool ok = message_of(&m, sender, root);

        assert(ok);
        sign_make(out, slice_of(m.b, m.len), sec);
}

bool submit_verify(const struct signature *sig, struct slice sender, const struct hash *root,
                   const struct sign_pub *key)
{
        struct message m;

        return message_of(&m, sender, root) && sign_verify(sig, slice_of(m.b, m.len), key);
}

size_t submit_path(struct hash *path, const struct hash *ids, size_t count, size_t index)
{
        struct hash leaf[SUBMIT_BATCH_MOST], full[TREE_DEPTH_MOST];
        size_t len;

        assert(index < count);
        leaves_of(leaf, ids, count);
        len = tree_path_of(full, leaf, count, index);
        assert(len <= SUBMIT_PATH_MOST);
        memcpy(path, full, len * sizeof(*path));
        return len;
}

/* Level by level: a node's sibling is its neighbour, and a lone last node, which has none, goes up
 * as it is. That is RFC 6962's tree, whose left halves are always complete. */
void submit_tree(struct hash *root, struct hash (*path)[SUBMIT_PATH_MOST], uint8_t *len,
                 const struct hash *ids, size_t count)
{
        struct hash node[SUBMIT_BATCH_MOST];
        unsigned level = 0;

        leaves_of(node, ids, count);
        memset(len, 0, count);
        for (size_t n = count; n > 1; n = (n + 1) / 2, level++) {
                for (size_t i = 0; i < count; i++) {
                        size_t sibling = i >> level ^ 1;

                        if (sibling < n)
                                path[i][len[i]++] = node[sibling];
                }
                for (size_t i = 0; i < n / 2; i++)
                        tree_node(&node[i], &node[2 * i], &node[2 * i + 1]);
                if (n % 2)
                        node[n / 2] = node[n - 1];
        }
        *root = node[0];
}

/* Whatever root the path leads to is the one asked about: only a batch that the sender signed has a
 * signature over it. */
bool submit_verify_letter(const struct hash *id, size_t index, size_t count,
                          const struct hash *path, size_t len, struct slice sender,
                          const struct signature *sig, const struct sign_pub *key)
{
        struct hash leaf, root;

        if (count == 0 || count > SUBMIT_BATCH_MOST)
                return false;
        tree_leaf(&leaf, slice_hash(id));
        return tree_root_by_path(&root, &leaf, index, count, path, len) &&
               submit_verify(sig, sender, &root, key);
}
