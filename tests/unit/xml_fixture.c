#include "unit/xml_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <check.h>

#include "util/file.h"
#include "xml/reader.h"

void fixture_open(struct fixture *f)
{
    ck_assert_int_eq(options_init(&f->options), GLN_OK);
    context_init(&f->ctx, &f->options);
}

void fixture_close(struct fixture *f)
{
    context_clear(&f->ctx);
    options_free(&f->options);
}

void fixture_set(struct fixture *f, const char *option, const char *value)
{
    char err[200] = "";
    ck_assert_msg(options_set(&f->options, option, value, err, sizeof err) == GLN_OK, "%s", err);
}

struct xml_doc *fixture_read_n(struct fixture *f, const void *data, size_t len)
{
    struct xml_doc *doc = NULL;
    int rc = xml_read(&doc, &f->ctx, data, len);
    ck_assert_msg(rc == GLN_OK, "%s", context_text(&f->ctx, LANG_EN));
    return doc;
}

struct xml_doc *fixture_read(struct fixture *f, const char *text)
{
    return fixture_read_n(f, text, strlen(text));
}

char *fixture_text(struct fixture *f, const struct xml_node *n)
{
    struct buf out = BUF_INIT;
    ck_assert_int_eq(xml_write(&out, NULL, &f->ctx, n, true), GLN_OK);
    return buf_take(&out, NULL);
}

long fixture_cpu_ms(void)
{
    struct timespec t;
    ck_assert_int_eq(clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t), 0);
    return (long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

char *fixture_path(const char *name)
{
    const char *top = getenv("GREENLANE_SRCDIR");
    return path_join(top != NULL ? top : ".", name);
}

char *fixture_file(const char *name, const char *text)
{
    char folder[] = "/tmp/greenlane-test-XXXXXX";
    ck_assert_ptr_nonnull(mkdtemp(folder));
    char *path = path_join(folder, name);
    ck_assert_int_eq(file_write(path, text, strlen(text), 0600), 0);
    return path;
}
