/* fault.c - one line of trace where a fault is born */
#include "base/fault.h"

#include "base/log.h"

#include <assert.h>
#include <string.h>

int fault_at(int r, const char *file, int line)
{
        assert(r < 0);
        log_debug("fault", "error", "%s (%d) at %s:%d", strerror(-r), -r, file, line);
        return r;
}
