/*
 * gln_init(): counted, so that several users of the library in one process do not disturb each other. The first starts what the
 * outside libraries need once; the last stops what is ours alone. Nothing global of the host is touched: no signal, no locale,
 * no clean-up of libxml2 or OpenSSL, which the host may use itself.
 */
#include <pthread.h>

#include "carry/carry.h"
#include "core/status.h"

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int users;

int gln_init(void)
{
    int status = GLN_OK;

    pthread_mutex_lock(&lock);
    if (users == 0)
        status = carry_init();
    if (status == GLN_OK)
        users++;
    pthread_mutex_unlock(&lock);
    return status;
}

void gln_shutdown(void)
{
    pthread_mutex_lock(&lock);
    if (users > 0 && --users == 0)
        carry_shutdown();
    pthread_mutex_unlock(&lock);
}
