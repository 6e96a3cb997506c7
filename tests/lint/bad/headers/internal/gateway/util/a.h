struct a { uint8_t b; };
