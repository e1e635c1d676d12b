/* fuzz_config.c - any bytes as a configuration file
 *
 * It is good, or every trouble is a line that begins with the file's name. */
#include "config.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
        int fd = memfd_create("config", 0), r;
        BUF_OWNED why = { 0 };
        struct slice rest, line;
        struct config c;
        char path[64];

        assert(fd >= 0 && write(fd, data, size) == (ssize_t)size);
        snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
        config_defaults(&c);
        r = config_read(&c, path, &why);
        assert((r == 0) == (why.len == 0));
        rest = buf_slice(&why);
        while (slice_split(&rest, '\n', &line))
                assert(slice_is(slice_upto(line, strlen(path)), path));
        assert(rest.len == 0);
        close(fd);
        return 0;
}
