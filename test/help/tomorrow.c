/* tomorrow.c - for LD_PRELOAD: a program that believes it is this time tomorrow */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

__attribute__((visibility("default"))) int clock_gettime(clockid_t clock, struct timespec *ts)
{
        long r = syscall(SYS_clock_gettime, clock, ts);

        if (r == 0 && clock == CLOCK_REALTIME)
                ts->tv_sec += 86400;
        return (int)r;
}
