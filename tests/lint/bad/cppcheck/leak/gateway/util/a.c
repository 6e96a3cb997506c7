#include <stdlib.h>
int f(int a)
{
    char *b = malloc(10);
    if (a)
        return 1;
    free(b);
    return 0;
}
