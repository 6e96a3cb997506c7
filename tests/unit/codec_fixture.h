/** @file
 * The ACE layout and short ways to encode and decode with it.
 */
#ifndef UNIT_CODEC_FIXTURE_H
#define UNIT_CODEC_FIXTURE_H

#include "codec/layout.h"
#include "unit/xml_fixture.h"

struct codec_fixture {
    struct fixture xml;
    struct layout *layout;
};

void codec_open(struct codec_fixture *f);
void codec_close(struct codec_fixture *f);
/** Encodes <records> with this inside; the fields' gln:src counts nodes of `source` (may be NULL). */
int codec_encode(struct codec_fixture *f, struct outbound *out, const char *inside,
                 const struct xml_doc *source);
/** Decodes what must be readable. */
struct xml_doc *codec_decode(struct codec_fixture *f, const char *text);
const char *codec_error(struct codec_fixture *f);
/** Appends `text` filled up to 80 columns and a line feed. */
void codec_line(struct buf *b, const char *text);

#endif
