/* seccomp.c - which system calls a process can still make: data, one line a call
 *
 * The lists are turned into a classic BPF program: the machine is checked, then the number is
 * compared with each line in turn. (The kernel remembers which numbers are always allowed, so the
 * length of the list costs nothing.) A line may bind one argument by its low 32 bits: (argument &
 * mask) == value. */
#include "sandbox/seccomp.h"

#include "base/fault.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#if defined(__x86_64__)
#define MACHINE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define MACHINE AUDIT_ARCH_AARCH64
#else
#define MACHINE 0
#endif

struct call {
        int number;
        int argument; /* -1: whatever they are */
        uint32_t mask, value;
};

#define CALL(name)                                                                                 \
        {                                                                                          \
                SYS_##name, -1, 0, 0                                                               \
        }
#define CALL_IF(name, argument, mask, value)                                                       \
        {                                                                                          \
                SYS_##name, argument, mask, value                                                  \
        }

/* clang-format off */

/* Threads, memory, waiting, time, and the end: what each of our processes needs. */
static const struct call everyone[] = {
        CALL(read),
        CALL(write),
        CALL(writev),
        CALL(recvfrom),
        CALL(sendto),
        CALL(shutdown),
        CALL(close),
        CALL(fcntl),
        CALL(futex),
        CALL(ppoll),
        CALL(clock_gettime),
        CALL(clock_nanosleep),
        CALL(nanosleep),
        CALL(gettimeofday),
        CALL(getrandom),
        CALL(getpid),
        CALL(gettid),
        CALL(sched_yield),
        CALL(sched_getaffinity),
        CALL(eventfd2),
        CALL(timerfd_create),
        CALL(timerfd_settime),
        CALL_IF(clone, 0, CLONE_THREAD, CLONE_THREAD),
        CALL_IF(mmap, 2, PROT_EXEC, 0),
        CALL_IF(mprotect, 2, PROT_EXEC, 0),
        CALL_IF(prctl, 0, UINT32_MAX, PR_SET_NAME),
        CALL(munmap),
        CALL(mremap),
        CALL(madvise),
        CALL(mlock),
        CALL(munlock),
        CALL(brk),
        CALL(set_robust_list),
        CALL(rseq),
        CALL(sigaltstack),
        CALL(rt_sigaction),
        CALL(rt_sigprocmask),
        CALL(rt_sigreturn),
        CALL(restart_syscall),
        CALL(tgkill), /* abort() */
        CALL(exit),
        CALL(exit_group),
#ifdef SYS_poll
        CALL(poll),
        CALL(time),
#endif
};

/* libzmq on a listening socket that the parent made. There is no socket, bind or connect here: a
 * front that was taken over can talk to those who call, and to nobody else. */
static const struct call front[] = {
        CALL(accept),
        CALL(accept4),
        CALL(setsockopt),
        CALL(getsockopt),
        CALL(getsockname),
        CALL(getpeername),
        CALL(recvmsg),
        CALL(sendmsg),
        CALL(epoll_create1),
        CALL(epoll_ctl),
        CALL(epoll_pwait),
        CALL(sched_getparam), /* libzmq sets the policy of its threads, to what it is */
        CALL(sched_getscheduler),
        CALL(sched_setscheduler),
#ifdef SYS_epoll_wait
        CALL(epoll_create),
        CALL(epoll_wait),
#endif
};

/* LMDB and the store's folder; which files, Landlock says. No network at all. */
static const struct call keeper[] = {
        CALL(openat),
        CALL(pread64),
        CALL(pwrite64),
        CALL(preadv),
        CALL(pwritev),
        CALL(lseek),
        CALL(fsync),
        CALL(fdatasync),
        CALL(msync),
        CALL(ftruncate),
        CALL(fallocate),
        CALL(flock),
        CALL(fchmod),
        CALL(fstat),
        CALL(newfstatat),
        CALL(statx),
        CALL(fstatfs),
        CALL(statfs),
        CALL(faccessat),
        CALL(readlinkat),
        CALL(uname),
        CALL(getdents64),
        CALL(linkat),
        CALL(unlinkat),
        CALL(renameat),
        CALL(renameat2),
        CALL(mkdirat),
        CALL(getuid),
        CALL(geteuid),
        CALL(getgid),
        CALL(getegid),
#ifdef SYS_open
        CALL(open),
        CALL(stat),
        CALL(lstat),
        CALL(readlink),
        CALL(access),
        CALL(link),
        CALL(unlink),
        CALL(rename),
        CALL(mkdir),
#endif
};

/* What nothing of ours ever does, not even by way of a library that then does without. */
static const struct call deadly[] = {
        CALL(execve),
        CALL(execveat),
        CALL(ptrace),
        CALL(process_vm_readv),
        CALL(process_vm_writev),
        CALL(unshare),
        CALL(setns),
        CALL(mount),
        CALL(bpf),
        CALL(keyctl),
        CALL(kexec_load),
        CALL(init_module),
        CALL(finit_module),
};

/* clang-format on */

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

enum {
        LINES_MOST = COUNT(everyone) + COUNT(keeper) + COUNT(front) + COUNT(deadly) + 1,
        STEPS_A_LINE = 6,
        STEPS_AROUND = 8,
};

struct program {
        struct sock_filter step[LINES_MOST * STEPS_A_LINE + STEPS_AROUND];
        size_t steps;
};

static void put(struct program *p, uint16_t code, uint32_t k, uint8_t jt, uint8_t jf)
{
        assert(p->steps < COUNT(p->step));
        p->step[p->steps++] = (struct sock_filter){ code, jt, jf, k };
}

static void load(struct program *p, size_t offset)
{
        put(p, BPF_LD | BPF_W | BPF_ABS, (uint32_t)offset, 0, 0);
}

static void put_line(struct program *p, const struct call *c, uint32_t verdict)
{
        if (c->argument < 0) {
                put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->number, 0, 1);
                put(p, BPF_RET | BPF_K, verdict, 0, 0);
                return;
        }
        put(p, BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)c->number, 0, 5);
        load(p, offsetof(struct seccomp_data, args) + 8 * (size_t)c->argument); /* little-endian */
        put(p, BPF_ALU | BPF_AND | BPF_K, c->mask, 0, 0);
        put(p, BPF_JMP | BPF_JEQ | BPF_K, c->value, 0, 1);
        put(p, BPF_RET | BPF_K, verdict, 0, 0);
        load(p, offsetof(struct seccomp_data, nr));
}

static void put_lines(struct program *p, const struct call *c, size_t count, uint32_t verdict)
{
        for (size_t i = 0; i < count; i++)
                put_line(p, &c[i], verdict);
}

static void write_program(struct program *p, enum seccomp_room room)
{
        load(p, offsetof(struct seccomp_data, arch));
        put(p, BPF_JMP | BPF_JEQ | BPF_K, MACHINE, 1, 0);
        put(p, BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
        load(p, offsetof(struct seccomp_data, nr));
        put_lines(p, everyone, COUNT(everyone), SECCOMP_RET_ALLOW);
        if (room == SECCOMP_FRONT)
                put_lines(p, front, COUNT(front), SECCOMP_RET_ALLOW);
        else
                put_lines(p, keeper, COUNT(keeper), SECCOMP_RET_ALLOW);
        put_lines(p, deadly, COUNT(deadly), SECCOMP_RET_KILL_PROCESS);
        /* As if it did not exist: the C library then calls clone, whose flags can be looked at. */
        put_line(p, &(struct call)CALL(clone3), SECCOMP_RET_ERRNO | ENOSYS);
        put(p, BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
}

int seccomp_confine(enum seccomp_room room)
{
        struct program p = { .steps = 0 };
        struct sock_fprog filter;

        if (!MACHINE)
                return SECCOMP_MISSING;
        write_program(&p, room);
        filter = (struct sock_fprog){ (unsigned short)p.steps, p.step };
        if (syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) < 0)
                return errno == ENOSYS || errno == EINVAL ? SECCOMP_MISSING : fault(-errno);
        return 0;
}
