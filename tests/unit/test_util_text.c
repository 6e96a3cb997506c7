/* Buffers, strings and UTF-8, JSON, files. */
#include "unit/main.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/file.h"
#include "util/json.h"
#include "util/str.h"

Suite *util_text_suite(void);

START_TEST(buffer_grows_and_is_taken)
{
    struct buf b = BUF_INIT;
    for (int i = 0; i < 1000; i++)
        buf_printf(&b, "%d,", i % 10);
    buf_fill(&b, 'x', 3);
    ck_assert_uint_eq(b.len, 2003);
    size_t len = 0;
    char *text = buf_take(&b, &len);
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_ptr_null(b.data);
    free(text);
    ck_assert(!buf_reserve(&b, SIZE_MAX / 2));
    buf_puts(&b, "after a failure");
    ck_assert_ptr_null(buf_take(&b, NULL));
}
END_TEST

START_TEST(utf8_is_checked)
{
    static const struct {
        const char *text;
        bool valid;
        size_t bad_at;
    } rows[] = {{"abc", true, 0},
                {"a\xC3\xB1o", true, 0},
                {"\xE2\x82\xAC", true, 0},
                {"\xF0\x9F\x9A\x9A", true, 0},
                {"a\x80", false, 1},
                {"\xC0\xAF", false, 0},
                {"\xED\xA0\x80", false, 0},
                {"ab\xE2\x82", false, 2},
                {"\xF4\x90\x80\x80", false, 0},
                {"\xFF", false, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        size_t bad_at = 0;
        ck_assert_int_eq(utf8_valid(rows[i].text, strlen(rows[i].text), &bad_at), rows[i].valid);
        ck_assert_uint_eq(bad_at, rows[i].bad_at);
    }
    ck_assert_uint_eq(utf8_chars("a\xC3\xB1o", 4), 3);
}
END_TEST

START_TEST(utf8_walks_and_writes_the_same)
{
    const char *text = "a\xC3\xB1\xE2\x82\xAC\xF0\x9F\x9A\x9A", *p = text, *end = text + strlen(text);
    struct buf b = BUF_INIT;
    while (p < end)
        utf8_put(&b, utf8_next(&p, end));
    ck_assert_str_eq(b.data, text);
    buf_free(&b);
}
END_TEST

START_TEST(xml_is_escaped)
{
    struct buf b = BUF_INIT;
    buf_put_xml(&b, "<a b=\"c\">R&D's\n");
    ck_assert_str_eq(b.data, "&lt;a b=&quot;c&quot;&gt;R&amp;D&#39;s&#10;");
    buf_free(&b);
}
END_TEST

START_TEST(json_is_read_as_written)
{
    struct buf b = BUF_INIT;
    struct json_out j;
    json_begin(&j, &b);
    json_open_object(&j, NULL);
    json_str(&j, "text", "a\"b\\c\n\x01\xC3\xB1");
    json_str(&j, "nothing", NULL);
    json_open_array(&j, "list");
    json_int(&j, NULL, -7);
    json_bool(&j, NULL, true);
    json_open_object(&j, NULL);
    json_end_object(&j);
    json_end_array(&j);
    json_strn(&j, "bad", "x\xFFy", 3);
    json_end_object(&j);
    char err[128];
    struct json_in *in = json_in_parse(b.data, b.len, err, sizeof err);
    ck_assert_ptr_nonnull(in);
    ck_assert_str_eq(json_in_str(json_in_get(in, "text")), "a\"b\\c\n\x01\xC3\xB1");
    ck_assert(json_in_null(json_in_get(in, "nothing")) && json_in_null(json_in_get(in, "absent")));
    int64_t n = 0;
    ck_assert(json_in_int(json_in_at(json_in_get(in, "list"), 0), &n));
    ck_assert_int_eq(n, -7);
    ck_assert(json_in_true(json_in_at(json_in_get(in, "list"), 1)));
    ck_assert_uint_eq(json_in_len(json_in_get(in, "list")), 3);
    ck_assert_str_eq(json_in_str(json_in_get(in, "bad")), "x\xEF\xBF\xBDy");
    json_in_free(in);
    ck_assert_ptr_null(json_in_parse("{\"a\":1,\"a\":2}", 13, err, sizeof err));
    ck_assert_ptr_nonnull(strstr(err, "1:"));
    buf_free(&b);
}
END_TEST

START_TEST(files_are_written_whole)
{
    char dir[] = "/tmp/greenlane-test-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(dir));
    char *path = path_join(dir, "a.bin");
    ck_assert_int_eq(file_write(path, "one", 3, 0600), 0);
    ck_assert_int_eq(file_write(path, "tw\0o", 4, 0640), 0);
    struct stat st;
    ck_assert_int_eq(stat(path, &st), 0);
    ck_assert_uint_eq(st.st_mode & 0777, 0640);
    struct buf b = BUF_INIT;
    ck_assert_int_eq(file_read(&b, path, 4), 0);
    ck_assert_uint_eq(b.len, 4);
    ck_assert_int_eq(memcmp(b.data, "tw\0o", 4), 0);
    ck_assert_int_eq(file_read(&b, path, 3), EFBIG);
    ck_assert_int_eq(file_read(&b, dir, 0), EISDIR);
    unlink(path);
    ck_assert_int_eq(file_read(&b, path, 0), ENOENT);
    ck_assert_int_eq(rmdir(dir), 0);
    ck_assert_int_ne(file_write(path, "x", 1, 0600), 0);
    free(path);
    buf_free(&b);
}
END_TEST

START_TEST(plain_names_only)
{
    static const char *const good[] = {"a", "A-1_b.xml"}, *const bad[] = {"",    ".",   "..",      ".a",
                                                                          "a/b", "a b", "\xC3\xB1"};
    for (size_t i = 0; i < 2; i++)
        ck_assert(path_is_plain(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert(!path_is_plain(bad[i]));
    ck_assert(!path_is_plain(NULL));
}
END_TEST

Suite *util_text_suite(void)
{
    static const TTest *tests[8];
    tests[0] = buffer_grows_and_is_taken;
    tests[1] = utf8_is_checked;
    tests[2] = utf8_walks_and_writes_the_same;
    tests[3] = xml_is_escaped;
    tests[4] = json_is_read_as_written;
    tests[5] = files_are_written_whole;
    tests[6] = plain_names_only;
    return unit_suite("util/text", tests);
}
