/* broker_config.c - what an operator writes, and what is said about slips */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>
#include <cmocka.h>

#define VKEY "registrar.example+b6b5f2a0+AQ=="

static char path[] = "/tmp/fumibako-config-XXXXXX";
static struct buf why;
static struct config config;

static int begin(void **state)
{
        int fd = mkstemp(path);

        close(fd);
        config_defaults(&config);
        buf_clear(&why);
        return fd < 0;
}

static int end(void **state)
{
        unlink(path);
        memcpy(path + sizeof(path) - 7, "XXXXXX", 6);
        buf_free(&why);
        return 0;
}

static int read_text(const char *text)
{
        FILE *f = fopen(path, "w");

        assert_non_null(f);
        fputs(text, f);
        fclose(f);
        return config_read(&config, path, &why);
}

static void check_says(const char *line, const char *what)
{
        char wanted[256];

        snprintf(wanted, sizeof(wanted), "%s:%s: %s", path, line, what);
        if (!strstr(buf_cstr(&why), wanted))
                fail_msg("wanted '%s' in '%s'", wanted, buf_cstr(&why));
}

static void a_file_is_read_with_comments_spaces_and_sizes(void **state)
{
        assert_int_equal(
                read_text("# a comment\n\n  name =  post.example \r\nbox_bytes=2G\nlog = debug\n"
                          "self_enrol = yes\nthreads = 3"),
                0);
        assert_string_equal(config.name, "post.example");
        assert_int_equal(config.box_bytes, UINT64_C(2) << 30);
        assert_int_equal(config.log, LOG_DEBUG);
        assert_true(config.self_enrol);
        assert_int_equal(config.threads, 3);
        assert_int_equal(config.rate, 50000);
        assert_int_equal(why.len, 0);
}

static void a_path_in_the_file_is_relative_to_the_file(void **state)
{
        assert_int_equal(read_text("store = letters\nrun = /run/elsewhere\n"), 0);
        assert_string_equal(config.store, "/tmp/letters");
        assert_string_equal(config.run, "/run/elsewhere");
}

static void an_unknown_key_is_answered_with_line_and_nearest_key(void **state)
{
        assert_int_equal(read_text("name = a\nstroe = x\n"), CONFIG_BAD);
        check_says("2", "unknown key 'stroe'; did you mean 'store'?");
}

static void every_trouble_is_told_not_only_the_first(void **state)
{
        assert_int_equal(
                read_text("name = Post\nlisten = udp://x:1\nrate = many\nthreads = 0\nlog = loud\n"
                          "just words\nbox_bytes =\nstore = a\nstore = b\nregistrar = " VKEY "\n"),
                CONFIG_BAD);
        check_says("1", "name: may have");
        check_says("2", "listen: must be tcp://ADDRESS:PORT");
        check_says("3", "rate: must be a number from 0 to 10000000, not many");
        check_says("4", "threads: must be a number from 1 to 8, not 0");
        check_says("5", "log: must be one of debug, info, warn, error, quiet; not loud");
        check_says("6", "expected 'key = value'");
        check_says("7", "box_bytes: has no value");
        check_says("9", "store: given before, on line 8");
        check_says("10", "registrar: is no verifier key");
}

#define WITNESS                                                                                    \
        "witness.navigli.sunlight.geomys.org+a3e00fe2+BNy/co4C1Hn1p+INwJrfUlgz7W55dSZReusH/"       \
        "GhUhJ/G"

static void a_witness_is_named_by_a_key_of_its_kind(void **state)
{
        assert_int_equal(
                read_text("name = post.example\nself_enrol = yes\nwitness = " WITNESS "\n"), 0);
        assert_int_equal(config.witnesses, 1);
        assert_string_equal(config.witness[0].name, "witness.navigli.sunlight.geomys.org");
        assert_int_equal(config.registrars, 0);
        assert_int_equal(read_text("registrar = " WITNESS "\nwitness = example.com/foo+530d903a+"
                                   "AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k\n"),
                         CONFIG_BAD);
        check_says("1", "registrar: is no verifier key");
        check_says("2", "witness: is no verifier key of a witness");
}

static void bytes_that_are_no_text_are_refused(void **state)
{
        assert_int_equal(read_text("name = \xff\xfe\n"), CONFIG_BAD);
        check_says("1", "is no text");
        assert_string_equal(config.name, "");
}

static void numbers_outside_their_range_are_told_the_range(void **state)
{
        assert_int_equal(read_text("rate = -1\nbox_bytes = 5K\nmap_most = 65T\ncommit_bytes = 1G\n"
                                   "threads = 2K\nrestarts_most = 0x10\n"),
                         CONFIG_BAD);
        check_says("1", "rate: must be a number from 0 to 10000000, not -1\n");
        check_says("2", "box_bytes: must be a size from 1M to 1024T, not 5K\n");
        check_says("3", "map_most: must be a size from 0 to 64T, not 65T\n");
        check_says("4", "commit_bytes: must be a size from 64K to 256M, not 1G\n");
        check_says("5", "threads: must be a number from 1 to 8, not 2K\n");
        check_says("6", "restarts_most: must be a number from 0 to 10000, not 0x10\n");
        assert_int_equal(config.rate, 50000);
}

static void words_that_are_not_among_the_choices_are_told_all_of_them(void **state)
{
        assert_int_equal(read_text("engine = sqlite\nself_enrol = maybe\nsandbox = strong\n"),
                         CONFIG_BAD);
        check_says("1", "engine: must be one of lmdb, mem; not sqlite\n");
        check_says("2", "self_enrol: must be one of no, yes; not maybe\n");
        check_says("3", "sandbox: must be one of yes, weak, no; not strong\n");
}

static void check_user_at(const char *wanted)
{
        BUF_OWNED where = { 0 };

        config_where_user(&config, &where);
        assert_string_equal(buf_cstr(&where), wanted);
}

static void where_the_user_was_given_is_remembered(void **state)
{
        char wanted[128];

        snprintf(wanted, sizeof(wanted), "%s:2: user", path);
        assert_int_equal(read_text("# whom\nuser = somebody\n"), 0);
        check_user_at(wanted);
        assert_int_equal(config_set(&config, "user", "another", false, &why), 0);
        check_user_at("--user");
}

static void numbers_that_overflow_are_refused(void **state)
{
        assert_int_equal(read_text("map_most = 18446744073709551615T\n"), CONFIG_BAD);
        assert_int_equal(read_text("map_most = 99999999999999999999\n"), CONFIG_BAD);
        assert_int_equal(config.map_most, 0);
}

static void listen_in_the_file_replaces_the_default_and_adds_up(void **state)
{
        assert_int_equal(read_text("listen = tcp://0.0.0.0:1\nlisten = tcp://[::1]:*\n"), 0);
        assert_int_equal(config.listens, 2);
        assert_string_equal(config.listen[0], "tcp://0.0.0.0:1");
        assert_string_equal(config.listen[1], "tcp://[::1]:*");
        assert_int_equal(read_text("listen = tcp://a:1\nlisten = tcp://a:2\nlisten = "
                                   "tcp://a:3\nlisten = tcp://a:4\n"
                                   "listen = tcp://a:5\n"),
                         CONFIG_BAD);
        check_says("5", "listen: is given more than 4 times");
}

static void an_endpoint_without_host_or_port_is_refused(void **state)
{
        static const char *const bad[] = { "tcp://",     "tcp://:1",    "tcp://a",
                                           "tcp://a:",   "tcp://a:0",   "tcp://a:65536",
                                           "tcp://a:1x", "ipc:///tmp/x" };

        for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
                if (config_set(&config, "listen", bad[i], false, &why) != CONFIG_BAD)
                        fail_msg("'%s' was taken", bad[i]);
}

static void a_flag_overrides_the_file_and_adds_up_with_its_like(void **state)
{
        assert_int_equal(read_text("listen = tcp://a:1\nrate = 5\n"), 0);
        assert_int_equal(config_set(&config, "rate", "7", false, &why), 0);
        assert_int_equal(config_set(&config, "listen", "tcp://b:1", false, &why), 0);
        assert_int_equal(config_set(&config, "listen", "tcp://c:1", true, &why), 0);
        assert_int_equal(config.rate, 7);
        assert_int_equal(config.listens, 2);
        assert_string_equal(config.listen[0], "tcp://b:1");
}

static void a_broker_needs_a_name_and_somebody_who_can_register(void **state)
{
        assert_int_equal(config_complete(&config, &why), CONFIG_BAD);
        assert_non_null(strstr(buf_cstr(&why), "name: is needed"));
        assert_non_null(strstr(buf_cstr(&why), "registrar: without one"));
        assert_int_equal(read_text("name = a\nself_enrol = yes\n"), 0);
        assert_int_equal(config_complete(&config, &why), 0);
}

static void a_file_that_is_not_there_is_named(void **state)
{
        assert_int_equal(config_read(&config, "/nowhere/fumibakod.conf", &why), CONFIG_BAD);
        assert_string_equal(buf_cstr(&why), "/nowhere/fumibakod.conf: there is no such file\n");
}

static void what_is_no_file_is_named(void **state)
{
        assert_int_equal(config_read(&config, "/tmp", &why), CONFIG_BAD);
        assert_string_equal(buf_cstr(&why), "/tmp: is no regular file\n");
}

#define STORY(f) cmocka_unit_test_setup_teardown(f, begin, end)

int main(void)
{
        const struct CMUnitTest tests[] = {
                STORY(a_file_is_read_with_comments_spaces_and_sizes),
                STORY(a_path_in_the_file_is_relative_to_the_file),
                STORY(an_unknown_key_is_answered_with_line_and_nearest_key),
                STORY(every_trouble_is_told_not_only_the_first),
                STORY(a_witness_is_named_by_a_key_of_its_kind),
                STORY(bytes_that_are_no_text_are_refused),
                STORY(numbers_outside_their_range_are_told_the_range),
                STORY(words_that_are_not_among_the_choices_are_told_all_of_them),
                STORY(where_the_user_was_given_is_remembered),
                STORY(numbers_that_overflow_are_refused),
                STORY(listen_in_the_file_replaces_the_default_and_adds_up),
                STORY(an_endpoint_without_host_or_port_is_refused),
                STORY(a_flag_overrides_the_file_and_adds_up_with_its_like),
                STORY(a_broker_needs_a_name_and_somebody_who_can_register),
                STORY(a_file_that_is_not_there_is_named),
                STORY(what_is_no_file_is_named),
        };
        return cmocka_run_group_tests(tests, NULL, NULL);
}
