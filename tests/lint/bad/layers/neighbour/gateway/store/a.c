#include "xml/a.h"
