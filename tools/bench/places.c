/* places.c - the file of prepared mailboxes
 *
 * It holds what a sender must know of each place: address and statement hash. Keys follow from the
 * seed and the place's number, so that recipients can be played later. */
#include "bench/bench.h"

#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

struct places_head {
        uint32_t magic, version;
        uint64_t count;
        struct seed seed;
};

int places_open(struct places *out, const char *path)
{
        const struct places_head *head;
        struct stat st;
        void *at;
        int fd = open(path, O_RDONLY | O_CLOEXEC);

        if (fd < 0)
                return -errno;
        at = fstat(fd, &st) == 0 ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)
                                 : MAP_FAILED;
        close(fd);
        if (at == MAP_FAILED)
                return -errno;
        head = at;
        if ((size_t)st.st_size < sizeof(*head) || head->magic != PLACES_MAGIC ||
            (size_t)st.st_size != sizeof(*head) + head->count * sizeof(struct place)) {
                munmap(at, (size_t)st.st_size);
                return -EINVAL;
        }
        *out = (struct places){ head->count, head->seed, (const struct place *)(head + 1),
                                (size_t)st.st_size };
        return 0;
}

void places_close(struct places *p)
{
        if (p->at)
                munmap((void *)((uintptr_t)p->at - sizeof(struct places_head)), p->mapped);
        p->at = NULL;
}

void places_mailbox_key(const struct places *p, uint64_t n, struct sign_sec *sec)
{
        keys_derive_sign(sec, &p->seed, "bench mailbox", (uint32_t)n);
}

void places_transport(const struct places *p, uint64_t n, struct curve_pub *pub,
                      struct curve_sec *sec)
{
        keys_derive_curve(sec, &p->seed, "bench transport", (uint32_t)n);
        keys_curve_pub(pub, sec);
}

int places_write(const char *path, const struct places *places, const struct place *place)
{
        struct places_head head = { PLACES_MAGIC, 1, places->count, places->seed };
        BUF_OWNED out = { 0 };

        buf_put(&out, slice_of(&head, sizeof(head)));
        buf_put(&out, slice_of(place, places->count * sizeof(*place)));
        return buf_fault(&out) ? buf_fault(&out) : file_replace(path, buf_slice(&out), 0600);
}
