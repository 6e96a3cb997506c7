void f(void) { fputs("x", stderr); }
