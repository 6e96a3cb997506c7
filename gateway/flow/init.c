/*
 * gln_init(): counted, so that several users of the library in one process do not disturb each other. The first starts what the
 * outside libraries need once; the last stops what is ours alone. Nothing global of the host is touched: no signal, no locale,
 * no clean-up of libxml2 or OpenSSL, which the host may use itself.
 */
#include <pthread.h>

#include "carry/carry.h"
#include "core/status.h"

static pthread_mutex_t init_lock = PTHREAD_MUTEX_INITIALIZER;
static int init_users;

int gln_init(void)
{
    int status = GLN_OK;

    pthread_mutex_lock(&init_lock);
    if (init_users == 0)
        status = carry_init();
    if (status == GLN_OK)
        init_users++;
    pthread_mutex_unlock(&init_lock);
    return status;
}

void gln_shutdown(void)
{
    pthread_mutex_lock(&init_lock);
    if (init_users > 0 && --init_users == 0)
        carry_shutdown();
    pthread_mutex_unlock(&init_lock);
}
