#include "unit/main.h"

Suite *codec_layout_suite(void);
Suite *codec_sequence_suite(void);
Suite *codec_encode_suite(void);
Suite *codec_decode_suite(void);

UNIT_MAIN(codec_layout_suite, codec_sequence_suite, codec_encode_suite, codec_decode_suite)
