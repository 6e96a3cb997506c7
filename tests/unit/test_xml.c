#include "unit/main.h"

Suite *xml_reader_suite(void);
Suite *xml_places_suite(void);
Suite *xml_tree_suite(void);
Suite *xml_functions_suite(void);
Suite *xml_transform_suite(void);
Suite *xml_schema_suite(void);
Suite *xml_rules_suite(void);

UNIT_MAIN(xml_reader_suite, xml_places_suite, xml_tree_suite, xml_functions_suite, xml_transform_suite,
          xml_schema_suite, xml_rules_suite)
