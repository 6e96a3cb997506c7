#include "unit/codec_fixture.h"

#include <stdlib.h>
#include <string.h>

#include <check.h>

void codec_open(struct codec_fixture *f)
{
    char *path = fixture_path("schemas/us-ace/ace.xml");
    int rc;

    fixture_open(&f->xml);
    rc = layout_load(&f->layout, &f->xml.ctx, path);
    ck_assert_msg(rc == GLN_OK, "%s", context_text(&f->xml.ctx, LANG_EN));
    free(path);
}

void codec_close(struct codec_fixture *f)
{
    layout_free(f->layout);
    fixture_close(&f->xml);
}

int codec_encode(struct codec_fixture *f, struct outbound *out, const char *inside,
                 const struct xml_doc *source)
{
    struct buf text = BUF_INIT;
    struct xml_doc *doc;
    int rc;

    buf_printf(&text, "<records xmlns='%s' xmlns:gln='%s'>%s</records>", RECORDS_NS, GLN_NS, inside);
    doc = fixture_read(&f->xml, text.data);
    rc = fixed_encode(out, &f->xml.ctx, f->layout, doc, source);
    xml_doc_free(doc);
    buf_free(&text);
    return rc;
}

struct xml_doc *codec_decode(struct codec_fixture *f, const char *text)
{
    struct xml_doc *doc = NULL;
    int rc = fixed_decode(&doc, &f->xml.ctx, f->layout, text, strlen(text));

    ck_assert_msg(rc == GLN_OK, "%s", context_text(&f->xml.ctx, LANG_EN));
    return doc;
}

const char *codec_error(struct codec_fixture *f)
{
    return context_text(&f->xml.ctx, LANG_EN);
}

void codec_line(struct buf *b, const char *text)
{
    buf_puts(b, text);
    buf_fill(b, ' ', 80 - strlen(text));
    buf_putc(b, '\n');
}
